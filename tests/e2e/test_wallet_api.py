"""The wallet's calls over HTTP, against the deployed project."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

BAD_INPUT = json.loads((Path(__file__).parents[1] / "wallet" / "fixtures" / "bad_input.json").read_text())
TOO_LARGE = {"email": "a" * 9000 + "@example.com"}


def new_email(name="ana"):
    return f"{name}-{uuid4().hex[:12]}@example.com"


def open_account(deployed, funds=0, name="ana"):
    email = new_email(name)
    assert deployed.call("POST", "/createaccount", {"email": email, "username": name.title()}).status == 201
    if funds:
        assert deployed.call("POST", "/addfunds", {"email": email, "AddFunds": funds}).status == 200
    return email


def balance(deployed, email):
    return deployed.call("POST", "/checkfunds", {"email": email}).json["CurrentBalance"]


def test_the_four_calls_answer_as_existing_clients_expect(deployed):
    email = new_email()
    created = deployed.call("POST", "/createaccount", {"email": email, "username": "Ana"})
    assert (created.status, created.json) == (
        201,
        {
            "message": "account created",
            "statuscode": 201,
            "status": "created",
            "CurrentBalance": 0,
            "PreviousBalance": 0,
        },
    )
    checked = deployed.call("POST", "/checkfunds", {"email": email})
    assert (checked.status, checked.json) == (
        200,
        {"email": email, "username": "Ana", "CurrentBalance": 0, "PreviousBalance": 0},
    )
    added = deployed.call("POST", "/addfunds", {"email": email, "AddFunds": 250})
    assert added.status == 200
    assert added.body == b'{"message":"funds added","statuscode":200,"CurrentBalance":250,"PreviousBalance":0}'
    withdrawn = deployed.call("POST", "/withdrawfunds", {"email": email, "WithdrawFunds": 125.5})
    assert withdrawn.status == 200
    assert withdrawn.body == (
        b'{"message":"funds withdrawn","statuscode":200,"CurrentBalance":124.5,"PreviousBalance":250}'
    )
    assert withdrawn.headers["content-type"] == "application/json"


def test_funds_are_checked_by_get_too(deployed):
    email = open_account(deployed, 7)
    answer = deployed.call("GET", f"/checkfunds?email={email.replace('@', '%40')}")
    assert (answer.status, answer.json) == (
        200,
        {"email": email, "username": "Ana", "CurrentBalance": 7, "PreviousBalance": 0},
    )


def test_funds_of_two_users_checked_by_get_are_each_their_own(deployed):
    emails = [open_account(deployed, funds) for funds in (1, 2)]
    answers = [deployed.call("GET", f"/checkfunds?email={email}").json for email in emails]
    assert [(answer["email"], answer["CurrentBalance"]) for answer in answers] == [(emails[0], 1), (emails[1], 2)]


def test_transfer_gives_both_balances_and_both_histories_name_its_transaction(deployed):
    ana, bob = open_account(deployed, 100), open_account(deployed, name="bob")
    moved = deployed.call("POST", "/transferfunds", {"from": ana, "to": bob, "TransferFunds": 30.25})
    assert (moved.status, moved.json) == (
        200,
        {
            "message": "funds transferred",
            "statuscode": 200,
            "from": {"CurrentBalance": 69.75, "PreviousBalance": 100},
            "to": {"CurrentBalance": 30.25, "PreviousBalance": 0},
        },
    )
    sent, received = (
        deployed.call("POST", "/history", {"email": email, "pageSize": 1}).json["revisions"][0] for email in (ana, bob)
    )
    assert sent["transactionId"] == received["transactionId"]
    assert (sent["kind"], sent["counterparty"]) == ("transfersent", bob)
    assert (received["kind"], received["counterparty"]) == ("transferreceived", ana)


def test_history_is_paged_newest_first(deployed):
    email = open_account(deployed)
    for amount in (1, 2, 3, 4):
        deployed.call("POST", "/addfunds", {"email": email, "AddFunds": amount})
    pages, token = [], {}
    while token is not None:
        page = deployed.call("POST", "/history", {"email": email, "pageSize": 2, **token}).json
        pages.append([(revision["version"], revision["amount"]) for revision in page["revisions"]])
        token = {"pageToken": page["nextPageToken"]} if "nextPageToken" in page else None
    assert pages == [[(4, 4), (3, 3)], [(2, 2), (1, 1)], [(0, 0)]]


def test_repeated_key_moves_money_once_and_is_answered_alike(deployed):
    email = open_account(deployed)
    key = {"Idempotency-Key": str(uuid4())}
    first = deployed.call("POST", "/addfunds", {"email": email, "AddFunds": 10}, key)
    again = deployed.call("POST", "/addfunds", {"email": email, "AddFunds": 10}, key)
    other = deployed.call("POST", "/addfunds", {"email": email, "AddFunds": 11}, key)
    assert (again.status, again.body) == (first.status, first.body)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status == 422
    assert balance(deployed, email) == 10


def test_short_funds_are_409_and_nothing_is_written(deployed):
    email = open_account(deployed, 10)
    refused = deployed.call("POST", "/withdrawfunds", {"email": email, "WithdrawFunds": 10.01})
    assert (refused.status, refused.json["statuscode"], refused.json["CurrentBalance"]) == (409, 409, 10)
    assert len(deployed.call("POST", "/history", {"email": email}).json["revisions"]) == 2


def test_body_over_the_limit_is_413(deployed):
    refused = deployed.call("POST", "/checkfunds", TOO_LARGE)
    assert (refused.status, refused.json["statuscode"]) == (413, 413)


def test_body_that_is_not_utf8_is_bad_input(deployed):
    assert deployed.call("POST", "/checkfunds", b'{"email":"\xff\xfe@example.com"}').status == 400


@pytest.fixture(scope="module")
def fixed_accounts(deployed):
    """The two accounts that the cases of the fixture file name, ana with 100 and bob with nothing."""
    for name in ("ana", "bob"):
        deployed.call("POST", "/createaccount", {"email": f"{name}@example.com", "username": name.title()})
    deployed.call("POST", "/addfunds", {"email": "ana@example.com", "AddFunds": 100}, {"Idempotency-Key": "fixture"})


def test_every_bad_input_gets_its_status_and_writes_nothing(deployed, fixed_accounts, subtests):
    before = [deployed.call("POST", "/history", {"email": f"{name}@example.com"}).json for name in ("ana", "bob")]
    for case in BAD_INPUT:
        with subtests.test(case["case"]):
            answer = deployed.call("POST", f"/{case['call']}", case["body"].encode())
            assert answer.status == case["status"]
            # API Gateway refuses some of these by their schema, with a message of its own.
            assert answer.json["message"]
            for trace in (b"Traceback", b"stackTrace", b"errorType", b".py"):
                assert trace not in answer.body
    after = [deployed.call("POST", "/history", {"email": f"{name}@example.com"}).json for name in ("ana", "bob")]
    assert after == before
