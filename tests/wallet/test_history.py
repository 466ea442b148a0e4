import re

import pytest

from lambdas.errors import BadInputError
from lambdas.wallet.requests import History
from tests.wallet.ledgers import ANA, BOB, add, open_account, revisions, transfer, withdraw


def page(wallet, email=ANA, size=20, token=None):
    return wallet.history(History(email, size, token)).fields


def test_history_tells_every_change_newest_first(wallet):
    open_account(wallet, ANA, "100.00")
    open_account(wallet, BOB)
    withdraw(wallet, ANA, "25.00")
    transfer(wallet, ANA, BOB, "10.00")
    found = page(wallet)
    assert found["email"] == ANA
    assert re.fullmatch("[0-9A-Za-z]{22}", found["documentId"])
    assert "nextPageToken" not in found
    assert [
        (r["version"], r["kind"], r["amount"], r["PreviousBalance"], r["CurrentBalance"]) for r in found["revisions"]
    ] == [
        (3, "transfersent", 10, 75, 65),
        (2, "withdrawfunds", 25, 100, 75),
        (1, "addfunds", 100, 0, 100),
        (0, "createaccount", 0, 0, 0),
    ]
    assert [r.get("counterparty") for r in found["revisions"]] == [BOB, None, None, None]


def test_both_sides_of_a_transfer_name_one_transaction_and_each_other(wallet):
    open_account(wallet, ANA, "100.00")
    open_account(wallet, BOB)
    transfer(wallet, ANA, BOB, "10.00")
    sent, received = page(wallet, ANA)["revisions"][0], page(wallet, BOB)["revisions"][0]
    assert sent["transactionId"] == received["transactionId"]
    assert (received["kind"], received["counterparty"], sent["counterparty"]) == ("transferreceived", ANA, BOB)


def test_times_are_utc_milliseconds_and_do_not_go_back(wallet):
    open_account(wallet, ANA, "100.00")
    withdraw(wallet, ANA, "1.00")
    times = [revision["time"] for revision in revisions(wallet, ANA)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time) for time in times)
    assert times == sorted(times)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 100])
def test_pages_of_any_size_hold_every_revision_once(wallet, size):
    open_account(wallet, ANA)
    for _ in range(5):
        add(wallet, ANA, "1.00")
    assert [revision["version"] for revision in revisions(wallet, ANA, size)] == [0, 1, 2, 3, 4, 5]


def test_pages_stay_as_they_are_while_the_account_goes_on(wallet):
    open_account(wallet, ANA)
    for _ in range(4):
        add(wallet, ANA, "1.00")
    first = page(wallet, size=2)
    add(wallet, ANA, "1.00")
    second = page(wallet, size=2, token=first["nextPageToken"])
    assert [r["version"] for r in first["revisions"] + second["revisions"]] == [4, 3, 2, 1]
    assert page(wallet, size=2, token=first["nextPageToken"]) == second


def test_token_of_another_account_is_refused(wallet):
    open_account(wallet, ANA, "1.00")
    open_account(wallet, BOB, "1.00")
    token = page(wallet, ANA, size=1)["nextPageToken"]
    with pytest.raises(BadInputError, match="not from this account's history"):
        page(wallet, BOB, token=token)


def test_token_that_was_tampered_with_is_refused(wallet):
    open_account(wallet, ANA, "1.00")
    token = page(wallet, size=1)["nextPageToken"]
    for wrong in ("", "x", token[:-1], token + "A", token + "é", token.swapcase(), "A" * 5000):
        with pytest.raises(BadInputError, match="pageToken"):
            page(wallet, token=wrong)


def test_revision_without_what_the_wallet_writes_has_the_fields_that_it_has(wallet, driver):
    driver.execute_lambda(
        lambda txn: txn.execute_statement("INSERT INTO wallettable ?", {"email": ANA, "CurrentBalance": 7})
    )
    (revision,) = page(wallet)["revisions"]
    assert set(revision) == {"version", "time", "transactionId", "CurrentBalance"}
