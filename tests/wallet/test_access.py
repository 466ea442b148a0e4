"""Whose wallet a caller may use, by the events that API Gateway makes of a token that it has checked."""

import json
from types import SimpleNamespace

import pytest

from lambdas.wallet import access, handlers, requests
from lambdas.wallet.access import Access, Caller, Source
from lambdas.wallet.verification import Verification
from ledger import driver as ledger_driver
from ledger.ledger import Ledger
from tests.wallet.events import get, post
from tests.wallet.ledgers import ANA, BOB, LEDGER_NAME, balance, journal_length, open_account

CALLS = {
    "createaccount": (handlers.create_account, {"email": ANA, "username": "Ana"}),
    "checkfunds": (handlers.check_funds, {"email": ANA}),
    "addfunds": (handlers.add_funds, {"email": ANA, "AddFunds": 1}),
    "withdrawfunds": (handlers.withdraw_funds, {"email": ANA, "WithdrawFunds": 1}),
    "transferfunds": (handlers.transfer_funds, {"from": ANA, "to": BOB, "TransferFunds": 1}),
    "history": (handlers.history, {"email": ANA}),
    "digest": (handlers.digest, {}),
    "verify": (handlers.verify, {"email": ANA}),
    "proof": (handlers.proof, {"documentId": "0" * 22, "blockAddress": {"strandId": "0" * 22, "sequenceNo": 1}}),
}
ONES_OWN = sorted(CALLS.keys() - {"createaccount", "digest", "proof"})


def claims(email=ANA, **changes):
    """Give what a user pool authorizer leaves in the event of an ID token; API Gateway makes text of every claim."""
    found = {
        "sub": "5f2c1c3e-7a41-4d3e-9c4b-0d6a1b8f9e10",
        "aud": "1example23456789",
        "email": email,
        "email_verified": "true",
        "event_id": "b8c1f2d4-1c1f-4c2e-8a53-2f1e5d7c9a00",
        "token_use": "id",
        "auth_time": "1768471200",
        "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example",
        "cognito:username": "5f2c1c3e-7a41-4d3e-9c4b-0d6a1b8f9e10",
        "exp": "Thu Jan 15 11:00:00 UTC 2026",
        "iat": "Thu Jan 15 10:00:00 UTC 2026",
    }
    return {"claims": {name: value for name, value in {**found, **changes}.items() if value is not None}}


def context(**values):
    """Give what a Lambda authorizer leaves in the event."""
    return {"principalId": "ana", "integrationLatency": 12, **values}


def called(event, authorizer):
    return {**event, "requestContext": {"requestId": "request-1", "authorizer": authorizer}}


@pytest.fixture
def deployed_with(wallet, store, monkeypatch):
    """Give a function that says where callers' e-mail addresses come from, in this process as in a deployed one."""
    with ledger_driver.connect(LEDGER_NAME, store) as driver:
        monkeypatch.setattr(handlers, "wallet", lambda: wallet)
        monkeypatch.setattr(handlers, "verification", lambda: Verification(Ledger(store, LEDGER_NAME), driver))
        yield lambda source: monkeypatch.setattr(handlers, "access", lambda: Access(source))


@pytest.fixture
def api(deployed_with):
    """Give a function that makes a call with what the user pool's authorizer says, or with nothing from it."""
    deployed_with(Source.CLAIMS)

    def invoke(call, body=None, authorizer=None, **headers):
        handler, own = CALLS[call]
        result = handler(called(post(body or own, headers=headers), authorizer), SimpleNamespace())
        return result["statusCode"], json.loads(result["body"]), result["headers"]

    return invoke


@pytest.fixture
def accounts(wallet):
    open_account(wallet, ANA, "10")
    open_account(wallet, BOB, "20")


@pytest.mark.parametrize(
    "authorizer",
    [
        None,
        {},
        {"claims": None},
        {"claims": "email=ana@example.com"},
        claims(email=None),
        claims(email=""),
        claims(email="ana"),
        claims(email="\u212aim@example.com"),
        claims(email_verified="false"),
        claims(email_verified=None),
        claims(email_verified="True "),
        claims(token_use="access", email=None, email_verified=None, scope="wallet/use"),
        context(email=ANA),
        {"email": ANA, "email_verified": "true"},
        "ana@example.com",
    ],
    ids=repr,
)
@pytest.mark.usefixtures("accounts")
def test_every_call_without_a_verified_email_in_the_claims_is_refused_and_writes_nothing(
    api, store, subtests, authorizer
):
    before = journal_length(store)
    for call in CALLS:
        with subtests.test(call):
            status, answer, _ = api(call, authorizer=authorizer)
            assert (status, answer["statuscode"]) == (403, 403)
            assert "send the ID token" in answer["message"]
            assert "field" not in answer
    assert journal_length(store) == before


@pytest.mark.parametrize("event", [post("{}"), {}, {"requestContext": None}])
def test_an_event_without_a_request_context_is_refused(deployed_with, event):
    deployed_with(Source.CLAIMS)
    assert handlers.digest(event, SimpleNamespace())["statusCode"] == 403


@pytest.mark.usefixtures("accounts")
def test_callers_use_their_own_wallets_by_every_call(api):
    assert {call: api(call, authorizer=claims())[0] for call in CALLS} == dict.fromkeys(CALLS, 200) | {
        "createaccount": 409,
        "proof": 403,  # no wallet has that document: test_proof.py has those that do
    }


def test_a_caller_opens_an_account_of_the_own_address_and_of_no_other(api, wallet):
    assert api("createaccount", authorizer=claims(BOB))[0] == 403
    assert api("createaccount", authorizer=claims())[0] == 201
    assert balance(wallet, ANA) == 0


@pytest.mark.parametrize("call", [*ONES_OWN, "createaccount"])
@pytest.mark.usefixtures("accounts")
def test_somebody_elses_wallet_is_refused_naming_the_field_and_nobody(api, store, call):
    before = journal_length(store)
    status, answer, _ = api(call, authorizer=claims(BOB))
    assert (status, answer["field"]) == (403, "from" if call == "transferfunds" else "email")
    assert not {ANA, BOB} & set(answer["message"].split())
    assert journal_length(store) == before


@pytest.mark.usefixtures("accounts")
def test_the_balance_of_another_is_refused_by_query_too(deployed_with):
    deployed_with(Source.CLAIMS)
    statuses = [
        handlers.check_funds(called(get(email=ANA), claims(email)), SimpleNamespace())["statusCode"]
        for email in (ANA, BOB)
    ]
    assert statuses == [200, 403]


@pytest.mark.parametrize(("claimed", "asked"), [("Ana@Example.COM", ANA), (ANA, " ANA@example.com "), (ANA, ANA)])
@pytest.mark.usefixtures("accounts")
def test_case_and_spaces_do_not_make_a_wallet_anothers(api, claimed, asked):
    assert api("checkfunds", {"email": asked}, claims(claimed))[0] == 200


@pytest.mark.parametrize("other", ["ana@example.com.evil.example", "ana+1@example.com", "xana@example.com"])
@pytest.mark.usefixtures("accounts")
def test_an_address_that_only_looks_like_anothers_does_not_open_it(api, other):
    assert api("checkfunds", authorizer=claims(other))[0] == 403


@pytest.mark.usefixtures("accounts")
def test_a_transfer_does_not_show_the_receivers_balances_not_even_when_it_is_repeated(api, wallet):
    answers = [api("transferfunds", authorizer=claims(), **{"Idempotency-Key": "key-1"}) for _ in range(2)]
    assert [answer["from"]["CurrentBalance"] for _, answer, _ in answers] == [9, 9]
    assert not any("to" in answer for _, answer, _ in answers)
    assert "Idempotency-Replayed" in answers[1][2]
    assert (balance(wallet, ANA), balance(wallet, BOB)) == (9, 21)


@pytest.mark.usefixtures("accounts")
def test_one_callers_idempotency_key_neither_blocks_nor_answers_another(api):
    first, other = (
        api("addfunds", {"email": email, "AddFunds": 1}, claims(email), **{"Idempotency-Key": "order-1"})
        for email in (ANA, BOB)
    )
    again = api("addfunds", {"email": ANA, "AddFunds": 1}, claims(), **{"Idempotency-Key": "order-1"})
    changed = api("addfunds", {"email": ANA, "AddFunds": 2}, claims(), **{"Idempotency-Key": "order-1"})
    assert [first[1]["CurrentBalance"], other[1]["CurrentBalance"], again[1]["CurrentBalance"]] == [11, 21, 11]
    assert (again[2].get("Idempotency-Replayed"), changed[0]) == ("true", 422)


@pytest.mark.usefixtures("accounts")
def test_a_lambda_authorizers_email_restricts_in_the_same_way(deployed_with, subtests):
    deployed_with(Source.CONTEXT)
    cases = [
        (context(email=ANA), 200),
        (context(email="ANA@example.com"), 200),
        (context(email=BOB), 403),
        (context(), 403),
        (context(email="null"), 403),
        (claims(), 403),
        (None, 403),
    ]
    for authorizer, status in cases:
        with subtests.test(str(authorizer)):
            handler, body = CALLS["checkfunds"]
            assert handler(called(post(body), authorizer), SimpleNamespace())["statusCode"] == status


@pytest.mark.usefixtures("accounts")
def test_without_the_setting_every_wallet_may_be_used_and_a_transfer_shows_both_balances(deployed_with):
    deployed_with(None)
    handler, body = CALLS["transferfunds"]
    result = handler(called(post(body), None), SimpleNamespace())
    assert json.loads(result["body"])["to"]["CurrentBalance"] == 21


@pytest.mark.parametrize("value", ["", "CLAIMS", "cognito", "none"])
def test_a_setting_that_is_not_understood_refuses_every_call(wallet, store, monkeypatch, value):
    monkeypatch.setattr(handlers, "wallet", lambda: wallet)
    monkeypatch.setattr(handlers, "access", lambda: Access.read({access.SETTING: value}))
    before = journal_length(store)
    handler, body = CALLS["createaccount"]
    assert handler(called(post(body), claims()), SimpleNamespace())["statusCode"] == 500
    assert journal_length(store) == before


@pytest.mark.parametrize("source", list(Source))
def test_the_setting_is_read_from_the_environment(source):
    assert Access.read({"CALLER_EMAIL_FROM": source.value}) == Access(source)
    assert Access.read({}) == Access(None)


def test_every_handler_asks_who_calls():
    decorated = {found for found in vars(handlers).values() if hasattr(found, "__wrapped__")}
    settings = {handlers.wallet, handlers.verification, handlers.access}
    assert decorated - settings == {handler for handler, _ in CALLS.values()}


def test_a_request_that_no_rule_knows_is_refused_whoever_calls():
    class Refund(requests.Request):
        operation = "refund"

    with pytest.raises(TypeError, match="no rule says whose wallet a Refund is about"):
        Caller(ANA).own(Refund())
