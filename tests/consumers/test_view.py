"""The view's table: what is written over what, and reading it page by page."""

from dataclasses import replace

import pytest

from lambdas.stream import view_items
from lambdas.stream.errors import ContradictionError
from lambdas.stream.records import Revision
from lambdas.stream.transactions import Transaction
from ledger.journal.block import Redaction
from ledger.journal.revision import BlockAddress
from tests.consumers.journals import CLEO


@pytest.fixture(scope="module")
def transactions(kept_journal):
    """All transactions of one wallet, oldest first."""
    journal, _ = kept_journal
    wallet = journal.wallet_id(CLEO)
    found = [Transaction.of(Revision.from_ion(row)) for row in journal.rows()]
    return sorted((each for each in found if each.wallet == wallet), key=lambda each: each.version)


@pytest.fixture
def newest(transactions):
    """The newest of them, with every field."""
    return transactions[-1]


def redaction_of(transaction, address=None):
    return Redaction(address or transaction.address, "T" * 22, transaction.wallet, transaction.version)


def only(shown):
    [item] = shown.items().values()
    return item


def test_transaction_survives_the_way_into_the_table_and_back(shown, transactions):
    for each in transactions:
        assert shown.view.put(each)
    assert shown.view.page(transactions[0].wallet).transactions == transactions[::-1]


def test_transaction_that_is_there_changes_nothing(shown, newest):
    assert shown.view.put(newest)
    before = shown.items()
    assert not shown.view.put(newest)
    assert shown.items() == before


def test_item_that_lost_an_attribute_gets_it_back(shown, newest):
    shown.view.put(replace(newest, counterparty=None))
    assert shown.view.put(newest)
    assert only(shown)["counterparty"] == newest.counterparty


def test_other_revision_of_the_same_version_is_refused_and_leaves_the_view_as_it_was(shown, newest):
    shown.view.put(newest)
    before = shown.items()
    for other in (replace(newest, hash=bytes(32)), view_items.redacted(replace(newest, hash=bytes(32)))):
        with pytest.raises(ContradictionError, match=f"version {newest.version} of wallet {newest.wallet}"):
            shown.view.put(other)
    assert shown.items() == before


def test_redacted_revision_erases_the_data_and_the_late_original_does_not_bring_it_back(shown, newest):
    shown.view.put(newest)
    assert shown.view.put(view_items.redacted(newest))
    erased = only(shown)
    assert set(erased) == {"wallet", "version", "hash", "transactionId", "transactionTime", "blockAddress", "redacted"}
    assert not shown.view.put(newest)
    assert only(shown) == erased


@pytest.mark.parametrize("order", ["revision first", "redaction first"])
def test_redaction_erases_the_data_whichever_comes_first(shown, newest, order):
    steps = [lambda: shown.view.put(newest), lambda: shown.view.redact(redaction_of(newest))]
    for step in steps if order == "revision first" else steps[::-1]:
        step()
    assert only(shown) == view_items.to_values(view_items.redacted(newest))


def test_redaction_of_a_document_that_is_not_shown_stays_out_of_sight(shown, newest):
    shown.view.redact(redaction_of(newest))
    assert shown.view.page(newest.wallet).transactions == []


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_together_are_the_whole_newest_first(shown, transactions, size):
    for each in transactions:
        shown.view.put(each)
    found, page = [], shown.view.page(transactions[0].wallet, size=size)
    while True:
        assert len(page.transactions) <= size
        found += page.transactions
        if page.before is None:
            break
        page = shown.view.page(transactions[0].wallet, size=size, before=page.before)
    assert found == transactions[::-1]


def test_wallet_that_the_view_does_not_know_has_an_empty_page(shown):
    assert shown.view.page("nobody") == ([], None)


def test_page_has_transactions_of_its_wallet_only(shown, newest):
    shown.view.put(newest)
    shown.view.put(replace(newest, wallet="another"))
    assert shown.view.page(newest.wallet).transactions == [newest]


def test_replacing_writes_over_another_revision_but_not_over_a_redacted_one(shown, newest):
    shown.view.put(replace(newest, hash=bytes(32), amount=None))
    assert shown.view.replace(newest)
    assert not shown.view.replace(newest)
    assert shown.view.page(newest.wallet).transactions == [newest]
    shown.view.put(view_items.redacted(newest))
    assert not shown.view.replace(newest)
    assert only(shown)["redacted"]


def test_item_is_removed_unless_it_became_another_one_meanwhile(shown, newest):
    shown.view.put(replace(newest, hash=bytes(32)))
    [[item], _] = shown.view.items(None)
    shown.view.replace(newest)
    assert not shown.view.remove(item)
    [[item], _] = shown.view.items(None)
    assert shown.view.remove(item)
    assert not shown.items()


def test_mark_of_a_redaction_is_removed_unless_its_revision_came_meanwhile(shown, newest):
    shown.view.redact(redaction_of(newest))
    [[item], _] = shown.view.items(None)
    shown.view.put(newest)
    assert not shown.view.remove(item)
    shown.view.redact(redaction_of(replace(newest, wallet="another"), BlockAddress("s", 1)))
    [mark] = [item for item in shown.view.items(None)[0] if item["wallet"] == {"S": "another"}]
    assert shown.view.remove(mark)
    assert [item["wallet"] for item in shown.items().values()] == [newest.wallet]
