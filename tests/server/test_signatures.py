"""Requests that must be signed: what is taken, and what is refused in AWS's words."""

import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from pyqldb.driver.qldb_driver import QldbDriver

from ledger.errors import ApiError
from ledger.server.credentials import read_credentials
from ledger.server.reception import Received
from ledger.server.signatures import SignatureCheck
from ledger.store import Unusable
from tests.server.processes import command, running
from tests.server.wire import request, send

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
FILE = f"""
[default]
aws_access_key_id = {KEY}
aws_secret_access_key = {SECRET}
[other]
aws_access_key_id = AKIDOTHER
aws_secret_access_key = %percent#hash;
"""


def signed(method="POST", target="/", body=b"{}", *, headers=(), key=KEY, secret=SECRET, service="qldb"):
    """A request as botocore signs it now."""
    given = {"Host": "127.0.0.1:8182", "X-Amz-Target": "QLDBSession.SendCommand", **dict(headers)}
    whole = AWSRequest(method, f"http://127.0.0.1:8182{target}", given, body)
    SigV4Auth(Credentials(key, secret), service, "eu-west-1").add_auth(whole)
    path, _, query = target.partition("?")
    sent = [(name.lower(), value) for name, value in whole.headers.items()]
    return Received(method, target, query, sent, {"path": path}, body)


def refusal(received, now=None):
    """What the check answers; None if it takes the request."""
    check = SignatureCheck({KEY: SECRET}, **({"now": lambda: now} if now else {}))
    try:
        check(received)
    except ApiError as error:
        return error.status, error.wire_name, error.message
    return None


def changed(received, name, change):
    """The request with one header changed; `None` leaves it out."""
    headers = [(key, change(value) if key == name else value) for key, value in received.headers]
    return received._replace(headers=[pair for pair in headers if pair[1] is not None])


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/"),
        ("GET", "/ledgers?next_token=YWJj&max_results=2"),
        ("GET", "/ledgers?b=%20x&a=%2F&a=1"),
        ("DELETE", "/tags/arn%3Aaws%3Aqldb%3Aus-east-1%3A1%3Aledger%2Fdemo?tagKeys=a%20b&tagKeys=%C3%BC"),
    ],
)
def test_what_is_signed_rightly_is_taken(method, target):
    assert refusal(signed(method, target, b"" if method == "GET" else b"{}")) is None


def test_a_client_may_sign_headers_that_botocore_never_signs():
    assert refusal(signed(headers={"Content-Length": "2", "X-Amz-User-Agent": "js/3   x"})) is None


MISMATCH = "The request signature we calculated does not match the signature you provided."
TAMPERED = {
    "another secret": lambda: signed(secret="other"),
    "another method": lambda: signed()._replace(method="PUT"),
    "another path": lambda: signed()._replace(target="/ledgers"),
    "another query": lambda: signed("GET", "/ledgers?max_results=2", b"")._replace(target="/ledgers?max_results=3"),
    "another body": lambda: signed()._replace(body=b"{} "),
    "another target": lambda: changed(signed(), "x-amz-target", lambda _: "Other"),
    "another host": lambda: changed(signed(), "host", lambda _: "example.com"),
    "another region": lambda: changed(signed(), "authorization", lambda text: text.replace("eu-west-1", "us-east-1")),
    "a signature of another length": lambda: changed(signed(), "authorization", lambda text: text[:-1]),
    "a header signed and gone": lambda: changed(signed(), "x-amz-target", lambda _: None),
}


@pytest.mark.parametrize("make", TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_changed_after_signing_is_refused(make):
    status, name, message = refusal(make())
    assert (status, name) == (403, "InvalidSignatureException")
    assert message.startswith(MISMATCH)


def test_a_header_that_decides_must_be_signed():
    received = signed()
    added = received._replace(headers=[*received.headers, ("x-amz-security-token", "abc")])
    status, name, message = refusal(added)
    assert (status, name) == (403, "InvalidSignatureException")
    assert "'x-amz-security-token' must be a 'SignedHeader'" in message


def test_a_hash_of_the_body_that_is_not_its_hash_is_refused():
    received = signed(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    assert refusal(received)[1] == "InvalidSignatureException"


def test_an_unsigned_request_has_no_token():
    expected = (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    assert refusal(changed(signed(), "authorization", lambda _: None)) == expected
    assert refusal(changed(signed(), "authorization", lambda _: "")) == expected


def test_an_unknown_key_is_an_unrecognized_client():
    expected = (403, "UnrecognizedClientException", "The security token included in the request is invalid.")
    assert refusal(signed(key="AKIDUNKNOWN")) == expected


@pytest.mark.parametrize(
    ("offset", "start"), [(timedelta(minutes=6), "Signature expired: "), (timedelta(minutes=-6), "Signature not yet")]
)
def test_a_signature_of_another_time_is_refused(offset, start):
    status, name, message = refusal(signed(), now=datetime.now(UTC) + offset)
    assert (status, name) == (403, "InvalidSignatureException")
    assert message.startswith(start)


def test_clocks_may_differ_by_less_than_five_minutes():
    for minutes in (-4, 4):
        assert refusal(signed(), now=datetime.now(UTC) + timedelta(minutes=minutes)) is None


def test_a_signature_for_another_service_is_refused():
    status, name, message = refusal(signed(service="s3"))
    assert (status, name) == (403, "InvalidSignatureException")
    assert message == "Credential should be scoped to correct service: 'qldb'."


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "Basic abc",
        lambda _: "AWS4-HMAC-SHA256",
        lambda _: "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request",
        lambda text: text.replace("Signature=", "Other="),
        lambda text: text.replace("SignedHeaders=", "Other="),
        lambda text: text.replace("/aws4_request", "/other"),
        lambda text: text.replace("/eu-west-1", ""),
    ],
)
def test_an_authorization_that_is_not_whole_is_incomplete(change):
    assert refusal(changed(signed(), "authorization", change))[1] == "IncompleteSignatureException"


@pytest.mark.parametrize("date", [None, "", "yesterday", "2026-11-22T09:15:00Z"])
def test_a_date_that_is_none_is_incomplete(date):
    assert refusal(changed(signed(), "x-amz-date", lambda _: date))[1] == "IncompleteSignatureException"


@pytest.fixture
def credentials_file(tmp_path) -> Path:
    path = tmp_path / "credentials"
    path.write_text(FILE)
    path.chmod(0o600)
    return path


def test_every_section_of_the_file_is_a_key(credentials_file):
    assert read_credentials(credentials_file) == {KEY: SECRET, "AKIDOTHER": "%percent#hash;"}


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602])
def test_a_file_that_others_may_use_is_refused(credentials_file, mode):
    credentials_file.chmod(mode)
    with pytest.raises(Unusable, match=f"mode {mode:o}.*chmod 600"):
        read_credentials(credentials_file)


@pytest.mark.parametrize(
    "text",
    ["", "[default]\n", f"[default]\naws_access_key_id = {KEY}\n", "secret without section", "[a]\n[a]\n", "\0\n"],
)
def test_a_file_without_a_key_is_refused_and_not_quoted(credentials_file, text):
    credentials_file.write_text(text)
    with pytest.raises(Unusable) as raised:
        read_credentials(credentials_file)
    assert "secret without section" not in str(raised.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Unusable, match="No such file"):
        read_credentials(tmp_path / "none")


@pytest.fixture
def guarded(credentials_file, tmp_path):
    """A server for those who have a key."""
    with running("--data", str(tmp_path / "data"), "--credentials", str(credentials_file)) as server:
        yield server


def test_sdk_and_driver_get_in_with_the_key_and_nobody_without(guarded):
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
    qldb = guarded.client(**keys)
    arn = qldb.create_ledger(Name="demo", PermissionsMode="STANDARD")["Arn"]
    qldb.tag_resource(ResourceArn=arn, Tags={"a b": "ü"})
    qldb.untag_resource(ResourceArn=arn, TagKeys=["a b", "c/d"])
    assert qldb.list_ledgers(MaxResults=1)["Ledgers"][0]["Name"] == "demo"
    qldb.close()
    with QldbDriver("demo", boto3_session=guarded.session(**keys), endpoint_url=guarded.url) as driver:
        assert list(driver.list_tables()) == []
    for wrong, name in [
        ({**keys, "aws_secret_access_key": "wrong"}, "InvalidSignatureException"),
        ({**keys, "aws_access_key_id": "AKIDNOBODY"}, "UnrecognizedClientException"),
    ]:
        for service, call in [
            ("qldb", lambda client: client.delete_ledger(Name="demo")),
            ("qldb-session", lambda client: client.send_command(StartSession={"LedgerName": "demo"})),
        ]:
            client = guarded.client(service, **wrong)
            with pytest.raises(ClientError) as raised:
                call(client)
            assert raised.value.response["Error"]["Code"] == name
            client.close()
    for answer in (send(guarded.port, {}), request(guarded.port, "GET", "/ledgers")):
        assert answer.error == (403, "MissingAuthenticationTokenException", "Missing Authentication Token")


def test_a_server_does_not_start_with_a_file_that_others_can_read(credentials_file, tmp_path):
    credentials_file.chmod(stat.S_IRUSR | stat.S_IROTH)
    arguments = command("--data", str(tmp_path), "--host", "0.0.0.0", "--credentials", str(credentials_file))
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"error: {credentials_file}: others may use this file")
