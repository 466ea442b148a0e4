"""The session API over HTTP, by boto3: this project's server, or anything else that speaks QLDB."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, UnknownServiceError
from botocore.session import get_session

from ledger import errors
from ledger.cli.errors import UsageError
from ledger.cli.shell.client import SendCommand
from ledger.errors import QldbError

_MODEL = "botocore-a-la-carte-{}==1.34.144"
_NAMED = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, QldbError)}


class EndpointError(QldbError):
    """The endpoint gave no answer, or one that is not QLDB's."""


class RefusedError(QldbError):
    """The endpoint answered with an error that is not of the session API, such as one of access."""


def send_to(endpoint_url: str, region: str | None) -> SendCommand:
    """Return a function that sends commands to an endpoint, signed if boto3 finds credentials.

    Raises:
        UsageError: the URL is none, or boto3 lacks the model of the service.
    """
    client = client_of("qldb-session", endpoint_url, region)

    def send_command(request: Mapping[str, Any]) -> Mapping[str, Any]:
        present = {name: member for name, member in request.items() if member is not None}
        try:
            result: Mapping[str, Any] = client.send_command(**present)
        except ClientError as error:
            raise _qldb_error(error) from error
        except BotoCoreError as error:
            raise EndpointError(str(error)) from error
        return result

    return send_command


def client_of(service: str, endpoint_url: str, region: str | None) -> Any:
    """Return boto3's client of a service behind an endpoint, `qldb-session` or `qldb`.

    Raises:
        UsageError: the URL is none, or boto3 lacks the model of the service.
    """
    if urlsplit(endpoint_url).scheme not in {"http", "https"}:
        raise UsageError(f"--endpoint is {endpoint_url!r}; it must be a URL such as http://127.0.0.1:8182")
    try:
        session = _session(endpoint_url)
        unsigned = {} if session.get_credentials() else {"signature_version": UNSIGNED}
        config = Config(retries={"max_attempts": 0}, connect_timeout=10, read_timeout=60, **unsigned)
        region = region or session.region_name or "us-east-1"
        return session.client(service, endpoint_url=endpoint_url, region_name=region, config=config)
    except UnknownServiceError as error:
        raise UsageError(
            f"boto3 no longer knows QLDB; its model is a package apart: pip install {_MODEL.format(service)}"
        ) from error
    except (BotoCoreError, ValueError) as error:
        raise UsageError(f"--endpoint is {endpoint_url!r}: {error}") from error


def _session(endpoint_url: str) -> Any:
    core = get_session()
    if _is_loopback(endpoint_url):
        # Nobody asks the metadata service of an EC2 instance for a key to their own machine; asking takes seconds.
        core.get_component("credential_provider").remove("iam-role")
    return boto3.session.Session(botocore_session=core)


def _is_loopback(endpoint_url: str) -> bool:
    host = urlsplit(endpoint_url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _qldb_error(error: ClientError) -> QldbError:
    described, status = error.response["Error"], error.response["ResponseMetadata"].get("HTTPStatusCode", 400)
    name, message = described.get("Code", ""), described.get("Message", "")
    kind = _NAMED.get(name)
    if kind is errors.OccConflictException:
        return errors.OccConflictException()
    if kind is None:
        return RefusedError(f"{name}: {message}", status=status)
    return kind(message, error.response.get("Code"), status=status)
