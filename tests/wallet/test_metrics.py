import json
from types import SimpleNamespace
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from lambdas import metrics as emf
from lambdas.wallet import handlers
from lambdas.wallet.wallet import Wallet
from tests.wallet.events import post
from tests.wallet.interruption import Overtaken
from tests.wallet.ledgers import ANA, BOB, add, open_account

CONTEXT = SimpleNamespace()
QUIET = {"Retries": [0.0], "Conflicts": [0.0]}


@pytest.fixture
def served(wallet, monkeypatch):
    """The wallet behind the handlers, with 100 in ana's account and nothing in bob's."""
    monkeypatch.setattr(handlers, "wallet", lambda: wallet)
    open_account(wallet, ANA, "100.00")
    open_account(wallet, BOB)
    return wallet


@pytest.fixture
def line(capsys):
    """Give a function that gives the one line of metrics that was printed since it was last called."""

    def read():
        (found,) = [text for text in capsys.readouterr().out.splitlines() if "CloudWatchMetrics" in text]
        return json.loads(found)

    return read


@pytest.fixture
def measured(line):
    """Give a function that gives the values of that line, but for the time."""

    def read():
        found = line()
        (directive,) = found["_aws"]["CloudWatchMetrics"]
        values = {metric["Name"]: found[metric["Name"]] for metric in directive["Metrics"]}
        assert values.pop("Latency")[0] > 0
        return values

    return read


def failing(error):
    def fail(*_args, **_options):
        raise error

    return lambda: SimpleNamespace(add_funds=fail)


def ledger_error(code):
    return ClientError({"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "")


def test_metrics_have_the_ledger_and_the_call_as_dimensions_and_their_units(served, line):
    handlers.add_funds(post({"email": ANA, "AddFunds": 12.5}), CONTEXT)
    found = line()
    (directive,) = found["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "VerifiableLedger"
    assert directive["Dimensions"] == [["Ledger"], ["Ledger", "Operation"]]
    assert (found["Ledger"], found["Operation"]) == ("unknown", "addfunds")
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "Latency": "Milliseconds",
        "MoneyAdded": "None",
        "CallsSucceeded": "Count",
        "Retries": "Count",
        "Conflicts": "Count",
        "Commits": "Count",
    }


@pytest.mark.parametrize(
    ("call", "body", "moved"),
    [
        (handlers.add_funds, {"email": ANA, "AddFunds": 12.5}, {"MoneyAdded": [12.5]}),
        (handlers.withdraw_funds, {"email": ANA, "WithdrawFunds": 0.01}, {"MoneyWithdrawn": [0.01]}),
        (handlers.transfer_funds, {"from": ANA, "to": BOB, "TransferFunds": 99.99}, {"MoneyTransferred": [99.99]}),
    ],
)
def test_money_that_moved_is_measured_with_its_commit(served, measured, call, body, moved):
    call(post(body), CONTEXT)
    assert measured() == {"CallsSucceeded": [1.0], "Commits": [1.0], **moved, **QUIET}


def test_an_account_that_is_opened_is_a_commit_without_money(served, measured):
    handlers.create_account(post({"email": "new@example.com", "username": "New"}), CONTEXT)
    assert measured() == {"CallsSucceeded": [1.0], "Commits": [1.0], **QUIET}


def test_reading_commits_nothing(served, measured):
    handlers.check_funds(post({"email": ANA}), CONTEXT)
    assert measured() == {"CallsSucceeded": [1.0], **QUIET}


def test_a_repeated_call_moves_no_money_again(served, measured):
    event = post({"email": ANA, "AddFunds": 1}, headers={"Idempotency-Key": str(uuid4())})
    handlers.add_funds(event, CONTEXT)
    assert "MoneyAdded" in measured()
    handlers.add_funds(event, CONTEXT)
    assert measured() == {"CallsSucceeded": [1.0], "CallsReplayed": [1.0], **QUIET}


def test_a_refused_call_moves_no_money(served, measured):
    handlers.withdraw_funds(post({"email": ANA, "WithdrawFunds": 100.01}), CONTEXT)
    assert measured() == {"CallsRefused": [1.0], **QUIET}


def test_a_conflict_is_counted_with_the_retry_that_resolves_it_and_not_for_the_next_call(
    served, driver, monkeypatch, measured
):
    overtaken = Wallet(Overtaken(driver, lambda: add(served, ANA, "5.00"), after=1))
    monkeypatch.setattr(handlers, "wallet", lambda: overtaken)
    handlers.add_funds(post({"email": ANA, "AddFunds": 1}), CONTEXT)
    counts = {"CallsSucceeded": [1.0], "Commits": [1.0], "MoneyAdded": [1.0]}
    assert measured() == {**counts, "Retries": [1.0], "Conflicts": [1.0]}
    monkeypatch.setattr(handlers, "wallet", lambda: served)
    handlers.check_funds(post({"email": ANA}), CONTEXT)
    assert measured() == {"CallsSucceeded": [1.0], **QUIET}


def test_a_conflict_that_outlasts_the_retries_makes_the_call_unavailable(monkeypatch, measured):
    monkeypatch.setattr(handlers, "wallet", failing(ledger_error("OccConflictException")))
    handlers.add_funds(post({"email": ANA, "AddFunds": 1}), CONTEXT)
    assert measured() == {"CallsUnavailable": [1.0], "Retries": [0.0], "Conflicts": [1.0]}


def test_an_accident_is_a_failed_call(monkeypatch, measured):
    monkeypatch.setattr(handlers, "wallet", failing(ZeroDivisionError()))
    handlers.add_funds(post({"email": ANA, "AddFunds": 1}), CONTEXT)
    assert measured() == {"CallsFailed": [1.0], **QUIET}


def test_metrics_tell_nothing_about_the_user(served, line):
    event = post({"from": ANA, "to": BOB, "TransferFunds": 1}, headers={"Idempotency-Key": "secret-key"})
    handlers.transfer_funds(event, CONTEXT)
    printed = json.dumps(line()).lower()
    for private in ("ana@", "bob@", "secret-key"):
        assert private not in printed


def test_metrics_that_cannot_be_written_lose_no_call(served, monkeypatch, capsys):
    def fail(*_args, **_kwargs):
        raise OSError

    monkeypatch.setattr(emf, "write", fail)
    assert handlers.check_funds(post({"email": ANA}), CONTEXT)["statusCode"] == 200
    assert "CloudWatchMetrics" not in capsys.readouterr().out
