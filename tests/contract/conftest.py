"""The deployed API as the tests of its contract call it: signed, and with accounts to be called about."""

from uuid import uuid4
from zlib import crc32

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lambdas.wallet.fields import email as folded
from lambdas.wallet.idempotency import HEADER
from tests.e2e.test_wallet_api import open_account

EMAILS = {"email", "from", "to"}


class Signer(requests.auth.AuthBase):
    """Signs requests as AWS_IAM asks."""

    def __init__(self, deployed):
        options = deployed.cloud.client_options()
        key = Credentials(options["aws_access_key_id"], options["aws_secret_access_key"])
        self._auth = SigV4Auth(key, "execute-api", options["region_name"])

    def __call__(self, request):
        signed = AWSRequest(request.method, request.url, dict(request.headers), request.body or b"")
        self._auth.add_auth(signed)
        request.headers.update(signed.headers)
        return request


class Accounts:
    """Some accounts with money, for requests to be about."""

    def __init__(self, deployed):
        self.emails = [open_account(deployed, 1000, "contract") for _ in range(3)]

    def fill(self, case):
        """Let a good request be about these accounts, and mostly under a key of its own."""
        if isinstance(case.body, dict):
            case.body = self._of_ours(case.body)
        if case.query:
            case.query = self._of_ours(case.query)
        key = (case.headers or {}).get(HEADER)
        if key and crc32(key.encode()) % 4:
            case.headers[HEADER] = (uuid4().hex * 8)[: len(key)]

    def _of_ours(self, fields):
        filled = {name: self._known(value) if name in EMAILS else value for name, value in fields.items()}
        if "to" in filled and folded(filled["to"]) == folded(filled["from"]):
            filled["to"] = next(email for email in self.emails if email != folded(filled["from"]))
        return filled

    def _known(self, email):
        """Give the address of an account, but leave one made-up address in four as it is."""
        number = crc32(email.encode())
        return email if number % 4 == 0 and "example.com" not in email else self.emails[number % 3]


@pytest.fixture(scope="session")
def accounts(deployed):
    return Accounts(deployed)
