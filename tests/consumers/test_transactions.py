"""What the revisions of the wallets' table say."""

from decimal import Decimal

import pytest

from lambdas.stream.errors import UnusableRevisionError
from lambdas.stream.records import Revision
from lambdas.stream.transactions import Transaction
from tests.consumers.journals import CLEO
from tests.wallet.ledgers import ANA, BOB


def transactions(journal, email):
    wallet = journal.wallet_id(email)
    found = [Transaction.of(Revision.from_ion(row)) for row in journal.rows()]
    return sorted((each for each in found if each.wallet == wallet), key=lambda each: each.version)


def test_transactions_of_a_wallet_have_its_kinds_amounts_and_balances(kept_journal):
    found = transactions(kept_journal[0], CLEO)
    assert [(each.kind, each.amount, each.previous_balance, each.current_balance) for each in found] == [
        ("createaccount", Decimal("0.00"), Decimal("0.00"), Decimal("0.00")),
        ("addfunds", Decimal("100.00"), Decimal("0.00"), Decimal("100.00")),
        ("transferreceived", Decimal("999999999.99"), Decimal("100.00"), Decimal("1000000099.99")),
    ]
    assert [each.counterparty for each in found] == [None, None, BOB]


def test_transfer_is_a_transaction_of_each_wallet_with_one_transaction_id(kept_journal):
    journal, _ = kept_journal
    [received] = [each for each in transactions(journal, CLEO) if each.kind == "transferreceived"]
    every = [Transaction.of(Revision.from_ion(row)) for row in journal.rows()]
    [sent] = [each for each in every if each.transaction_id == received.transaction_id and each != received]
    assert (sent.kind, sent.amount, sent.counterparty) == ("transfersent", received.amount, CLEO)
    assert sent.address == received.address


def test_deletion_and_redacted_revision_have_no_data(kept_journal):
    journal, _ = kept_journal
    every = [Transaction.of(Revision.from_ion(row)) for row in journal.rows()]
    [deleted] = [each for each in every if each.deleted]
    [redacted] = [each for each in every if each.redacted]
    assert redacted.wallet == journal.wallet_id(ANA)
    for each in (deleted, redacted):
        assert (each.kind, each.amount, each.counterparty, each.current_balance, each.previous_balance) == (None,) * 5


def revision(journal, document):
    journal.run("INSERT INTO wallettable ?", document)
    [row] = [row for row in journal.rows() if row.get("data", {}).get("email") == document["email"]]
    return Revision.from_ion(row)


def test_document_of_somebody_else_has_what_it_has(journal):
    found = Transaction.of(revision(journal, {"email": "x", "CurrentBalance": 5, "kind": None}))
    assert (found.current_balance, found.previous_balance, found.kind) == (Decimal("5.00"), None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", "12"), ("CurrentBalance", 1.5), ("PreviousBalance", Decimal("0.001")), ("amount", True), ("kind", 7)],
)
def test_document_whose_money_is_not_exact_or_whose_kind_is_no_text_is_unusable(journal, name, value):
    with pytest.raises(UnusableRevisionError, match=f"{name} is not"):
        Transaction.of(revision(journal, {"email": "x", name: value}))


def test_amount_of_many_digits_is_unusable(journal):
    with pytest.raises(UnusableRevisionError, match="amount"):
        Transaction.of(revision(journal, {"email": "x", "amount": Decimal("1e60")}))
