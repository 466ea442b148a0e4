from decimal import Decimal

import pytest

from lambdas.wallet.errors import (
    AccountExistsError,
    BalanceLimitError,
    InsufficientFundsError,
    LedgerCorruptError,
    NoSuchAccountError,
)
from lambdas.wallet.requests import CheckFunds, CreateAccount
from lambdas.wallet.wallet import Wallet
from tests.wallet.interruption import run_together
from tests.wallet.ledgers import ANA, BOB, add, balance, journal_length, open_account, transfer, withdraw


def test_new_account_is_empty(wallet):
    answer = wallet.create_account(CreateAccount(ANA, "Ana"))
    assert (answer.status, answer.fields) == (
        201,
        {
            "message": "account created",
            "statuscode": 201,
            "status": "created",
            "CurrentBalance": 0,
            "PreviousBalance": 0,
        },
    )
    assert wallet.check_funds(CheckFunds(ANA)).fields == {
        "email": ANA,
        "username": "Ana",
        "CurrentBalance": 0,
        "PreviousBalance": 0,
    }


def test_second_account_with_one_email_is_rejected_and_leaves_the_journal_unchanged(wallet, store):
    open_account(wallet, ANA, "7")
    before = journal_length(store)
    with pytest.raises(AccountExistsError):
        wallet.create_account(CreateAccount(ANA, "Somebody else"))
    assert journal_length(store) == before
    assert wallet.check_funds(CheckFunds(ANA)).fields["username"] == "Ana"


def test_added_and_withdrawn_funds_change_the_balance_and_keep_the_previous_one(wallet):
    open_account(wallet, ANA)
    added = add(wallet, ANA, "250.00")
    assert added.fields == {
        "message": "funds added",
        "statuscode": 200,
        "CurrentBalance": 250,
        "PreviousBalance": 0,
    }
    withdrawn = withdraw(wallet, ANA, "125.00")
    assert withdrawn.fields == {
        "message": "funds withdrawn",
        "statuscode": 200,
        "CurrentBalance": 125,
        "PreviousBalance": 250,
    }


def test_the_last_cent_can_be_withdrawn_and_then_no_more(wallet):
    open_account(wallet, ANA, "0.10")
    for _ in range(10):
        withdraw(wallet, ANA, "0.01")
    assert balance(wallet, ANA) == 0
    with pytest.raises(InsufficientFundsError):
        withdraw(wallet, ANA, "0.01")


def test_withdraw_more_than_available_is_rejected_and_leaves_the_journal_unchanged(wallet, store):
    open_account(wallet, ANA, "100.00")
    before = journal_length(store)
    with pytest.raises(InsufficientFundsError) as refusal:
        withdraw(wallet, ANA, "100.01")
    assert refusal.value.details == {"CurrentBalance": 100}
    assert journal_length(store) == before
    assert balance(wallet, ANA) == 100


def test_transfer_moves_money_in_one_block(wallet, store):
    open_account(wallet, ANA, "100.00")
    open_account(wallet, BOB, "5.00")
    before = journal_length(store)
    answer = transfer(wallet, ANA, BOB, "30.50")
    assert answer.fields == {
        "message": "funds transferred",
        "statuscode": 200,
        "from": {"CurrentBalance": Decimal("69.50"), "PreviousBalance": 100},
        "to": {"CurrentBalance": Decimal("35.50"), "PreviousBalance": 5},
    }
    assert journal_length(store) == before + 1
    assert (balance(wallet, ANA), balance(wallet, BOB)) == (Decimal("69.50"), Decimal("35.50"))


def test_transfer_of_more_than_available_is_rejected_and_leaves_the_journal_unchanged(wallet, store):
    open_account(wallet, ANA, "10.00")
    open_account(wallet, BOB)
    before = journal_length(store)
    with pytest.raises(InsufficientFundsError):
        transfer(wallet, ANA, BOB, "10.01")
    assert journal_length(store) == before


def test_transfer_that_would_fill_the_receiver_beyond_the_limit_leaves_the_sender_his_money(wallet, store):
    open_account(wallet, ANA, "10.00")
    open_account(wallet, BOB, "999999999999.99")
    before = journal_length(store)
    with pytest.raises(BalanceLimitError):
        transfer(wallet, ANA, BOB, "0.01")
    assert journal_length(store) == before
    assert balance(wallet, ANA) == 10


@pytest.mark.parametrize(("sender", "receiver", "field"), [(ANA, BOB, "to"), (BOB, ANA, "from")])
def test_transfer_with_an_unknown_party_is_rejected_naming_which(wallet, store, sender, receiver, field):
    open_account(wallet, ANA, "10.00")
    before = journal_length(store)
    with pytest.raises(NoSuchAccountError) as refusal:
        transfer(wallet, sender, receiver, "1.00")
    assert refusal.value.details == {"field": field}
    assert journal_length(store) == before


def test_balance_reaches_its_limit_exactly_and_no_further(wallet, store):
    open_account(wallet, ANA, "999999999999.98")
    add(wallet, ANA, "0.01")
    assert balance(wallet, ANA) == Decimal("999999999999.99")
    before = journal_length(store)
    with pytest.raises(BalanceLimitError):
        add(wallet, ANA, "0.01")
    assert journal_length(store) == before


def test_unknown_account_is_rejected_by_every_call(wallet, store):
    before = journal_length(store)
    for call in (
        lambda: wallet.check_funds(CheckFunds(ANA)),
        lambda: add(wallet, ANA, "1.00"),
        lambda: withdraw(wallet, ANA, "1.00"),
    ):
        with pytest.raises(NoSuchAccountError):
            call()
    assert journal_length(store) == before


def test_two_documents_with_one_email_stop_every_call(wallet, driver):
    open_account(wallet, ANA, "5.00")
    document = {"email": ANA, "username": "Eve", "CurrentBalance": Decimal(9), "PreviousBalance": Decimal(0)}
    driver.execute_lambda(lambda txn: txn.execute_statement("INSERT INTO wallettable ?", document))
    with pytest.raises(LedgerCorruptError):
        withdraw(wallet, ANA, "1.00")


def test_account_from_an_older_ledger_with_whole_number_balances_is_used_as_it_is(wallet, driver):
    document = {"email": ANA, "username": "Ana", "CurrentBalance": 250, "PreviousBalance": 0}
    driver.execute_lambda(lambda txn: txn.execute_statement("INSERT INTO wallettable ?", document))
    assert withdraw(wallet, ANA, "0.50").fields["CurrentBalance"] == Decimal("249.50")


def test_two_withdrawals_of_the_whole_balance_at_once_pay_out_once(wallet):
    open_account(wallet, ANA, "100.00")
    ends = run_together(*[lambda: withdraw(wallet, ANA, "100.00")] * 4)
    assert sum(isinstance(end, InsufficientFundsError) for end in ends) == 3
    assert balance(wallet, ANA) == 0


def test_two_creations_of_one_account_at_once_make_one(wallet):
    ends = run_together(*[lambda: wallet.create_account(CreateAccount(ANA, "Ana"))] * 4)
    assert sum(isinstance(end, AccountExistsError) for end in ends) == 3
    assert balance(wallet, ANA) == 0


def test_transfers_in_a_ring_at_once_lose_no_money(wallet):
    emails = [f"user{number}@example.com" for number in range(4)]
    for email in emails:
        open_account(wallet, email, "10.00")

    def go_round(start):
        for step in range(5):
            sender, receiver = emails[(start + step) % 4], emails[(start + step + 1) % 4]
            transfer(wallet, sender, receiver, "1.00")

    ends = run_together(*[lambda start=start: go_round(start) for start in range(4)])
    assert ends == [None] * 4
    assert sum(balance(wallet, email) for email in emails) == 40


def test_calls_without_profiles_leave_the_profile_pending(driver):
    wallet = Wallet(driver)
    open_account(wallet, ANA, "1.00")
    rows = driver.execute_lambda(lambda txn: txn.execute_statement("SELECT * FROM wallettable"))
    assert [row["profilePending"] for row in rows] == [True]
