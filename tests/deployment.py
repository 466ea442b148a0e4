"""The whole project, deployed to a local cloud by the real CDK CLI."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from local import calls, cdk
from local.cdk import Outputs, Target
from local.cloud import Cloud

PATIENCE_SECONDS = 600
ONE_CALL = Config(read_timeout=900, retries={"total_max_attempts": 1})
"""Of clients that call functions: one that is slow is waited for, and not called again."""
SELDOM = {"notary_minutes": "480", "audit_minutes": "480"}
"""So a digest or a report is there because a test has asked for it, and never by the clock between two of its steps."""


@dataclass(frozen=True)
class Answer:
    """What the API answered: `json` is the parsed body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Deployed:
    """The deployed project. `outputs` are those of the stacks; `api_url` is the API's stage, no slash at the end."""

    cloud: Cloud
    target: Target
    outputs: Outputs
    api_url: str

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        sign: bool = True,
    ) -> Answer:
        """Send one HTTP request, signed as AWS_IAM asks. `body` is sent as it is if it is bytes, else as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = AWSRequest(method, self.api_url + path, dict(headers or {}), data)
        if sign:
            options = self.cloud.client_options()
            key = Credentials(options["aws_access_key_id"], options["aws_secret_access_key"])
            SigV4Auth(key, "execute-api", options["region_name"]).add_auth(request)
        return _send(request, data)


def _send(request: AWSRequest, data: bytes) -> Answer:
    url = urlsplit(request.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=PATIENCE_SECONDS)
    try:
        target = f"{url.path}?{url.query}" if url.query else url.path
        connection.request(request.method, target, data, dict(request.headers))
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def deploy(cloud: Cloud) -> Deployed:
    """Deploy the project as `make run` does, but to this cloud, and so that it is `SELDOM` called by its schedules."""
    target = cdk.of_cloud(cloud)
    target = replace(target, settings={**target.settings, **SELDOM})
    outputs = calls.localised(cdk.deploy(target), cloud.endpoint_url)
    return Deployed(cloud, target, outputs, calls.api_url(outputs))
