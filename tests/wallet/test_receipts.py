"""Receipts that calls answer with: of the very revisions that they wrote, and nothing of it unless they are asked."""

import json
from itertools import product
from types import SimpleNamespace

import pytest

from lambdas.wallet import handlers
from lambdas.wallet.access import Access, Source
from lambdas.wallet.wallet import Wallet
from ledger import ion
from ledger.store import Throttled, Unavailable
from tests.contract.described import disagreements, operations
from tests.wallet.events import post
from tests.wallet.interruption import run_together
from tests.wallet.ledgers import ANA, BOB, add, balance, journal_length, open_account, revisions, withdraw

HANDLERS = {
    "createaccount": handlers.create_account,
    "addfunds": handlers.add_funds,
    "withdrawfunds": handlers.withdraw_funds,
    "transferfunds": handlers.transfer_funds,
}
BODIES = {
    "createaccount": {"email": "eve@example.com", "username": "Eve"},
    "addfunds": {"email": ANA, "AddFunds": 1.5},
    "withdrawfunds": {"email": ANA, "WithdrawFunds": 1.5},
    "transferfunds": {"from": ANA, "to": BOB, "TransferFunds": 1.5},
}


def asked(*values):
    """Give the query of an event as API Gateway makes it."""
    return {
        "queryStringParameters": {"receipt": values[-1]},
        "multiValueQueryStringParameters": {"receipt": list(values)},
    }


@pytest.fixture
def api(wallet, monkeypatch):
    """Make a call, with `receipt` if it is given, and give its status and body; each is held against the document."""
    monkeypatch.setattr(handlers, "wallet", lambda: wallet)

    def invoke(call, body, *receipt, key=None, **more):
        headers = {"Idempotency-Key": key} if key else {}
        result = HANDLERS[call](post(body, headers=headers, **(asked(*receipt) if receipt else {}), **more), None)
        answer, sent = json.loads(result["body"]), {name.lower(): value for name, value in result["headers"].items()}
        assert disagreements(operations()["POST", f"/{call}"], result["statusCode"], sent, answer) == []
        return result["statusCode"], answer, result

    return invoke


@pytest.fixture
def accounts(wallet):
    open_account(wallet, ANA, "100")
    open_account(wallet, BOB, "20")


def holds(receipt, wallet, email):
    """Whether a receipt is of the newest revision of an account, and says so in its plain fields and in its Ion."""
    newest = revisions(wallet, email)[-1]
    revision = ion.parse(receipt["revision"])
    assert (receipt["version"], receipt["transactionId"]) == (newest["version"], newest["transactionId"])
    assert receipt["blockTimestamp"] == newest["time"]
    assert revision["metadata"]["id"] == receipt["documentId"]
    assert revision["data"]["email"] == email
    return revision["data"]["CurrentBalance"] == balance(wallet, email)


@pytest.mark.usefixtures("accounts")
def test_every_call_has_the_receipt_of_what_it_wrote(api, wallet):
    for call in ("createaccount", "addfunds", "withdrawfunds"):
        status, answer, _ = api(call, BODIES[call], "true")
        assert status in {200, 201}
        assert holds(answer["receipt"], wallet, BODIES[call]["email"])
        assert ion.parse(answer["receipt"]["revision"])["data"]["CurrentBalance"] == answer["CurrentBalance"]


@pytest.mark.usefixtures("accounts")
def test_a_transfer_has_a_receipt_on_each_side_of_one_transaction(api, wallet):
    _, answer, _ = api("transferfunds", BODIES["transferfunds"], "true")
    assert holds(answer["from"]["receipt"], wallet, ANA)
    assert holds(answer["to"]["receipt"], wallet, BOB)
    assert "receipt" not in answer
    for field in ("transactionId", "blockAddress", "blockTimestamp"):
        assert answer["from"]["receipt"][field] == answer["to"]["receipt"][field]


@pytest.mark.parametrize("receipt", [[], ["false"]])
@pytest.mark.usefixtures("accounts")
def test_a_call_that_does_not_ask_is_answered_as_ever(api, receipt):
    expected = {
        "createaccount": '{"message":"account created","statuscode":201,"status":"created","CurrentBalance":0,'
        '"PreviousBalance":0}',
        "addfunds": '{"message":"funds added","statuscode":200,"CurrentBalance":101.5,"PreviousBalance":100}',
        "withdrawfunds": '{"message":"funds withdrawn","statuscode":200,"CurrentBalance":100,"PreviousBalance":101.5}',
        "transferfunds": '{"message":"funds transferred","statuscode":200,"from":{"CurrentBalance":98.5,'
        '"PreviousBalance":100},"to":{"CurrentBalance":21.5,"PreviousBalance":20}}',
    }
    assert {call: api(call, BODIES[call], *receipt)[2]["body"] for call in HANDLERS} == expected


@pytest.mark.usefixtures("accounts")
def test_another_value_is_refused_naming_the_parameter_and_moves_nothing(api, store, subtests):
    before = journal_length(store)
    values = [["True"], ["1"], [""], ["yes"], ["true", "true"], ["false", "true"], ["true "]]
    for call, value in product(HANDLERS, values):
        with subtests.test(f"{call}: {value}"):
            status, answer, _ = api(call, BODIES[call], *value)
            assert (status, answer["field"]) == (400, "receipt")
            assert "receipt" in answer["message"]
    assert journal_length(store) == before


@pytest.mark.parametrize("first_asks", [[], ["true"]])
@pytest.mark.usefixtures("accounts")
def test_a_repeated_call_has_the_receipt_of_the_first_whatever_came_after(api, wallet, store, subtests, first_asks):
    for call in HANDLERS:
        with subtests.test(call):
            check_repeated(api, wallet, store, call, first_asks)


def check_repeated(api, wallet, store, call, first_asks):
    key = f"key of {call}"
    _, first, _ = api(call, BODIES[call], *first_asks, key=key)
    emails = [BODIES[call][name] for name in ("email", "from", "to") if name in BODIES[call]]
    written = {email: revisions(wallet, email)[-1] for email in emails}
    for email in emails:
        add(wallet, email, "7")
    before = journal_length(store)
    status, again, result = api(call, BODIES[call], "true", key=key)
    assert result["headers"]["Idempotency-Replayed"] == "true"
    assert status == first.get("statuscode")
    assert journal_length(store) == before
    sides = [again] if "receipt" in again else [again["from"], again["to"]]
    for side, email in zip(sides, emails, strict=True):
        assert side["receipt"]["version"] == written[email]["version"]
        assert side["receipt"]["transactionId"] == written[email]["transactionId"]
        assert ion.parse(side["receipt"]["revision"])["data"]["email"] == email
        assert ion.parse(side["receipt"]["revision"])["data"]["CurrentBalance"] == side["CurrentBalance"]
    if first_asks:
        assert again == first


@pytest.mark.usefixtures("accounts")
def test_calls_at_once_each_have_their_own_receipt(api):
    ends = run_together(*[lambda: api("addfunds", {"email": ANA, "AddFunds": 1}, "true")] * 8)
    answers = [answer for _, answer, _ in ends]
    assert len({answer["receipt"]["transactionId"] for answer in answers}) == 8
    for answer in answers:
        assert ion.parse(answer["receipt"]["revision"])["data"]["CurrentBalance"] == answer["CurrentBalance"]


@pytest.mark.usefixtures("accounts")
def test_a_refused_call_has_no_receipt(api):
    status, answer, _ = api("withdrawfunds", {"email": ANA, "WithdrawFunds": 1000}, "true")
    assert status == 409
    assert list(answer) == ["message", "statuscode", "CurrentBalance"]


@pytest.mark.parametrize("error", [Throttled("too busy"), Unavailable("not there")])
@pytest.mark.usefixtures("accounts")
def test_money_that_has_moved_is_answered_even_if_its_receipt_cannot_be_read(api, wallet, monkeypatch, error):
    def fail(*_args):
        raise error

    monkeypatch.setattr("lambdas.wallet.receipts.receipt", fail)
    status, answer, _ = api("addfunds", {"email": ANA, "AddFunds": 1}, "true", key="key-1")
    assert (status, answer["CurrentBalance"], answer["receipt"]) == (200, 101, None)
    assert balance(wallet, ANA) == 101
    assert api("addfunds", {"email": ANA, "AddFunds": 1}, "true", key="key-1")[1]["receipt"]["version"] == 2
    assert balance(wallet, ANA) == 101


@pytest.mark.usefixtures("accounts")
def test_callers_with_a_wallet_of_their_own_do_not_get_the_receivers_receipt(api, monkeypatch):
    monkeypatch.setattr(handlers, "access", lambda: Access(Source.CONTEXT))
    context = {"requestContext": {"authorizer": {"email": ANA}}}
    _, answer, result = api("transferfunds", BODIES["transferfunds"], "true", **context)
    assert answer["from"]["receipt"]["version"] == 2
    assert "to" not in answer
    assert ion.parse(answer["from"]["receipt"]["revision"])["data"]["username"] == "Ana"
    assert '"Bob"' not in result["body"].replace("\\", "")


@pytest.mark.usefixtures("accounts")
def test_a_receipt_costs_reading_its_pointer_and_its_block_and_writes_nothing_more(api, wallet, store):
    add(wallet, ANA, "1")
    before = store.reads, store.writes
    api("addfunds", {"email": ANA, "AddFunds": 1})
    plain = store.reads - before[0], store.writes - before[1]
    before = store.reads, store.writes
    api("addfunds", {"email": ANA, "AddFunds": 1}, "true")
    assert (store.reads - before[0] - plain[0], store.writes - before[1] - plain[1]) == (2, 0)


def test_the_receipt_of_a_wallet_that_was_opened_without_them_is_an_accident_not_an_answer_without(driver):
    plain = Wallet(driver)
    open_account(plain, ANA, "1")
    with pytest.raises(TypeError, match="opened without receipts"):
        plain.add_funds(SimpleNamespace(email=ANA, amount=1), receipt=True)
    assert withdraw(plain, ANA, "1").status == 200
