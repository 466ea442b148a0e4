"""Nothing that a caller sent, or that an answer holds, gets into logs, metrics or traces."""

import io
import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from infra.wallet_stage import _ACCESS_LOG
from lambdas.wallet import calls, handlers
from tests.wallet.events import get, post
from tests.wallet.ledgers import open_account

ANA, BOB = "ana.private@example.com", "bob.private@example.com"
NAME, KEY, ADDRESS, AGENT = "Ana Private", "private-key-1", "203.0.113.77", "private-agent/1.0"
# The amount has more digits than the times that are told, which may hold any shorter one.
PRIVATE = ("private", "203.0.113.77", "76543210987.32", "bearer-token")
HEADERS = {"Idempotency-Key": KEY, "User-Agent": AGENT, "Authorization": "bearer-token"}
FAILURES = [
    ClientError({"Error": {"Code": "OccConflictException", "Message": ANA}, "ResponseMetadata": {}}, "SendCommand"),
    ClientError({"Error": {"Code": "BadRequestException", "Message": ANA}, "ResponseMetadata": {}}, "SendCommand"),
    ZeroDivisionError(f"{ANA} has 76543210987.32"),
]


def event(made):
    return {**made, "requestContext": {"requestId": "r", "identity": {"sourceIp": ADDRESS, "userArn": "private-arn"}}}


def requests():
    """Give every call, with each outcome that there is: answered, refused, bad input."""
    yield handlers.create_account, post({"email": "new.private@example.com", "username": NAME}, headers=HEADERS)
    yield handlers.create_account, post({"email": ANA, "username": NAME}, headers=HEADERS)
    for _ in range(2):
        yield handlers.add_funds, post({"email": ANA, "AddFunds": 76543210987.32}, headers=HEADERS)
    yield handlers.add_funds, post({"email": ANA, "AddFunds": "76543210987.32 private"}, headers=HEADERS)
    yield handlers.withdraw_funds, post({"email": ANA, "WithdrawFunds": 999999999999}, headers=HEADERS)
    yield handlers.transfer_funds, post({"from": ANA, "to": BOB, "TransferFunds": 76543210987.32})
    yield handlers.check_funds, post({"email": "nobody.private@example.com"}, headers=HEADERS)
    yield handlers.check_funds, get(email=ANA)
    yield handlers.history, post({"email": ANA}, headers=HEADERS)
    yield handlers.check_funds, post("{private", headers=HEADERS)
    yield handlers.check_funds, post({"email": ANA, "private": 1}, headers=HEADERS)


@pytest.fixture
def told(capfd, daemon):
    """Give all that was logged, measured and traced, but for the sums of money, which are of all callers."""
    logged = io.StringIO()
    previous = calls.logger.registered_handler.setStream(logged)
    yield lambda: _all(logged.getvalue() + capfd.readouterr().out, daemon())
    calls.logger.registered_handler.setStream(previous)


def _all(printed, traced):
    moved = {"MoneyAdded", "MoneyWithdrawn", "MoneyTransferred"}
    lines = [
        {name: value for name, value in json.loads(line).items() if name not in moved} for line in printed.splitlines()
    ]
    return json.dumps([lines, traced]).lower()


def test_no_call_tells_logs_metrics_or_traces_anything_private(wallet, monkeypatch, told):
    monkeypatch.setattr(handlers, "wallet", lambda: wallet)
    open_account(wallet, ANA, "100.00")
    open_account(wallet, BOB)
    statuses = {handler(event(made), SimpleNamespace())["statusCode"] for handler, made in requests()}
    assert statuses >= {200, 201, 400, 404, 409}
    text = told()
    assert "transaction" in text
    assert "call answered" in text
    assert "cloudwatchmetrics" in text
    for private in PRIVATE:
        assert private not in text, private


@pytest.mark.parametrize("error", FAILURES, ids=["conflict", "refusal", "accident"])
def test_a_call_that_fails_does_not_tell_the_text_of_its_error(monkeypatch, told, error):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(handlers, "wallet", lambda: SimpleNamespace(add_funds=fail))
    answer = handlers.add_funds(
        event(post({"email": ANA, "AddFunds": 76543210987.32}, headers=HEADERS)), SimpleNamespace()
    )
    assert answer["statusCode"] == (503 if error is FAILURES[0] else 500)
    text = told()
    assert type(error).__name__.lower() in text
    for private in PRIVATE:
        assert private not in text, private


def test_the_access_log_of_the_api_has_no_field_of_a_caller():
    for field in ("identity", "authorizer", "querystring", "path}", "body", "sourceIp", "userAgent", "error.message"):
        assert field not in _ACCESS_LOG
