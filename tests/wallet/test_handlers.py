import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from lambdas.errors import CallError
from lambdas.wallet import calls, failures, handlers
from lambdas.wallet.settings import MissingSettingError, Settings
from tests.contract.described import disagreements, operations
from tests.wallet.events import get, post
from tests.wallet.ledgers import ANA, BOB, journal_length, open_account

BAD_INPUT = json.loads((Path(__file__).parent / "fixtures" / "bad_input.json").read_text())
HANDLERS = {
    "createaccount": handlers.create_account,
    "checkfunds": handlers.check_funds,
    "addfunds": handlers.add_funds,
    "withdrawfunds": handlers.withdraw_funds,
    "transferfunds": handlers.transfer_funds,
    "history": handlers.history,
}
CONTEXT = SimpleNamespace()


@pytest.fixture
def api(wallet, monkeypatch):
    """Give a function that calls the API by the name of the call and gives status, body and headers.

    Every answer is held against the OpenAPI document.
    """
    monkeypatch.setattr(handlers, "wallet", lambda: wallet)

    def invoke(call, body, **headers):
        event = post(body, headers={name.replace("_", "-"): value for name, value in headers.items()})
        result = HANDLERS[call](event, CONTEXT)
        status, answer, sent = result["statusCode"], json.loads(result["body"]), result["headers"]
        lowered = {name.lower(): value for name, value in sent.items()}
        assert disagreements(operations()["POST", f"/{call}"], status, lowered, answer) == []
        return status, answer, sent

    return invoke


@pytest.fixture
def log(monkeypatch):
    stream = io.StringIO()
    previous = calls.logger.registered_handler.setStream(stream)
    yield stream
    calls.logger.registered_handler.setStream(previous)


def test_the_four_calls_answer_as_existing_clients_expect(api):
    assert api("createaccount", {"email": ANA, "username": "Ana"})[:2] == (
        201,
        {
            "message": "account created",
            "statuscode": 201,
            "status": "created",
            "CurrentBalance": 0,
            "PreviousBalance": 0,
        },
    )
    assert api("checkfunds", {"email": ANA})[:2] == (
        200,
        {"email": ANA, "username": "Ana", "CurrentBalance": 0, "PreviousBalance": 0},
    )
    assert api("addfunds", {"email": ANA, "AddFunds": 250})[:2] == (
        200,
        {"message": "funds added", "statuscode": 200, "CurrentBalance": 250, "PreviousBalance": 0},
    )
    assert api("withdrawfunds", {"email": ANA, "WithdrawFunds": 125})[:2] == (
        200,
        {"message": "funds withdrawn", "statuscode": 200, "CurrentBalance": 125, "PreviousBalance": 250},
    )


def test_money_in_an_answer_is_a_plain_json_number(wallet, monkeypatch):
    monkeypatch.setattr(handlers, "wallet", lambda: wallet)
    open_account(wallet, ANA)
    body = handlers.add_funds(post('{"email":"ana@example.com","AddFunds":250.10}'), CONTEXT)["body"]
    assert body == '{"message":"funds added","statuscode":200,"CurrentBalance":250.1,"PreviousBalance":0}'


def test_funds_are_checked_by_query_too(api, wallet):
    open_account(wallet, ANA, "1.00")
    result = handlers.check_funds(get(email="Ana@example.com"), CONTEXT)
    assert (result["statusCode"], json.loads(result["body"])["CurrentBalance"]) == (200, 1)


@pytest.mark.parametrize("query", [{}, {"mail": ANA}, {"email": "ana"}, {"email": ANA, "username": "Ana"}])
def test_query_that_is_not_one_email_is_bad_input(api, query):
    assert handlers.check_funds(get(**query), CONTEXT)["statusCode"] == 400


def test_repeated_key_is_answered_with_the_same_body_and_says_so(api, wallet):
    open_account(wallet, ANA)
    first = api("addfunds", {"email": ANA, "AddFunds": 1}, Idempotency_Key="key-1")
    again = api("addfunds", {"email": ANA, "AddFunds": 1}, idempotency_key="key-1")
    other = api("addfunds", {"email": ANA, "AddFunds": 2}, idempotency_key="key-1")
    assert first[:2] == again[:2]
    assert "Idempotency-Replayed" not in first[2]
    assert again[2]["Idempotency-Replayed"] == "true"
    assert (other[0], other[1]["statuscode"]) == (422, 422)


def test_bad_idempotency_key_is_refused_before_anything_is_written(api, wallet, store):
    open_account(wallet, ANA)
    before = journal_length(store)
    status, body, _ = api("addfunds", {"email": ANA, "AddFunds": 1}, Idempotency_Key="x" * 256)
    assert (status, body["field"]) == (400, "Idempotency-Key")
    assert journal_length(store) == before


def test_body_over_the_limit_is_413(api):
    status, body, _ = api("addfunds", '{"email":"' + "a" * 9000 + '"}')
    assert (status, body["statuscode"]) == (413, 413)


def test_every_bad_input_gets_its_status_and_message_and_writes_nothing(api, wallet, store, subtests):
    open_account(wallet, ANA, "100.00")
    open_account(wallet, BOB)
    before = journal_length(store)
    for case in BAD_INPUT:
        with subtests.test(case["case"]):
            status, body, headers = api(case["call"], case["body"])
            assert (status, body["statuscode"]) == (case["status"], case["status"])
            assert case["says"] in body["message"]
            assert body.get("field") == case.get("field")
            assert ANA not in body["message"].replace("like ana@example.com", "")
            assert headers["Content-Type"] == "application/json"
    assert journal_length(store) == before


def failing_wallet(error):
    def fail(*_args, **_options):
        raise error

    return lambda: SimpleNamespace(add_funds=fail)


def ledger_error(code, status=400, message="the ledger says something about ana@example.com"):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendCommand")


def subclasses(kind):
    return {found for each in kind.__subclasses__() for found in {each, *subclasses(each)}}


def test_every_refusal_has_a_status():
    assert subclasses(CallError) == set(failures.STATUSES)


ADD = post({"email": ANA, "AddFunds": 1})


@pytest.mark.parametrize(
    "code",
    ["OccConflictException", "CapacityExceededException", "RateExceededException", "InvalidSessionException"],
)
def test_conflict_that_outlasts_the_retries_is_503_and_asks_to_come_back(monkeypatch, code):
    monkeypatch.setattr(handlers, "wallet", failing_wallet(ledger_error(code)))
    result = handlers.add_funds(ADD, CONTEXT)
    assert (result["statusCode"], result["headers"]["Retry-After"]) == (503, "1")
    assert "nothing was written" in json.loads(result["body"])["message"]


def test_unknown_outcome_is_503_and_tells_how_to_find_out(monkeypatch):
    monkeypatch.setattr(handlers, "wallet", failing_wallet(ledger_error("TransactionOutcomeUnknownException")))
    result = handlers.add_funds(ADD, CONTEXT)
    message = json.loads(result["body"])["message"]
    assert result["statusCode"] == 503
    assert "same Idempotency-Key" in message
    assert "check the balance" in message


@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError("ana@example.com"), ledger_error("BadRequestException"), ledger_error("AccessDenied"), KeyError],
)
def test_unexpected_failure_is_500_and_neither_answer_nor_log_tell_its_text(monkeypatch, log, error):
    monkeypatch.setattr(handlers, "wallet", failing_wallet(error))
    result = handlers.add_funds(ADD, CONTEXT)
    assert (result["statusCode"], result["body"]) == (500, '{"message":"internal error","statuscode":500}')
    entries = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [entry["message"] for entry in entries] == ["call failed", "call answered"]
    assert {entry["request_id"] for entry in entries} == {"request-1"}
    assert "test_handlers.py" in entries[0]["where"][-1]
    assert ANA not in log.getvalue()


def test_log_tells_the_outcome_of_a_call_and_nothing_about_the_user(api, wallet, log):
    open_account(wallet, ANA)
    api("addfunds", {"email": ANA, "AddFunds": 12345}, Idempotency_Key="secret-key")
    (entry,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert (entry["operation"], entry["status"], entry["replayed"]) == ("addfunds", 200, False)
    assert entry["duration_ms"] > 0
    for private in ("ana", "12345", "secret-key"):
        assert private not in log.getvalue().lower()


def test_settings_without_a_ledger_are_refused_naming_the_variable():
    with pytest.raises(MissingSettingError, match="LEDGER_TABLE is not set"):
        Settings.read({"LEDGER_NAME": "captable1"})


def test_settings_without_a_profile_table_leave_profiles_alone():
    assert Settings.read({"LEDGER_NAME": "a", "LEDGER_TABLE": "b", "PROFILE_TABLE": ""}) == Settings("a", "b", None)
