"""Rebuilding the view: from nothing, from ruins, in steps, and beside the live consumer."""

import random
import threading

import pytest

from lambdas.stream import transaction_view_rebuild
from lambdas.stream.view_rebuild import Counts, Rebuild
from ledger.store import DynamoDBStore
from tests.consumers.deliveries import Context, deliver
from tests.consumers.journals import TABLE, WalletJournal
from tests.consumers.test_transaction_view import consumer_of
from tests.wallet.ledgers import ANA, BOB, LEDGER_NAME, add, transfer


def rebuild_of(journal, shown, in_time=lambda: True):
    return Rebuild(journal.store, journal.strands, TABLE, shown.view, in_time)


def test_empty_view_is_rebuilt_from_the_journal(kept_journal, shown):
    journal, _ = kept_journal
    rebuild = rebuild_of(journal, shown)
    assert rebuild.run(None) is None
    assert shown.items() == journal.expected_view()
    assert rebuild.counts == Counts(written=len(journal.expected_view()))


def test_rebuilding_again_changes_nothing(kept_journal, shown):
    journal, _ = kept_journal
    rebuild_of(journal, shown).run(None)
    again = rebuild_of(journal, shown)
    assert again.run(None) is None
    assert again.counts == Counts()


RUINS = {
    "lost": None,
    "other hash": {"hash": bytes(32)},
    "hash of another type": {"hash": "x"},
    "other amount": {"amount": 1},
    "other place": {"blockAddress": {"strandId": "x", "sequenceNo": 7}},
    "place of another type": {"blockAddress": 7},
    "deleted": {"deleted": True},
}


@pytest.mark.parametrize("ruin", RUINS, ids=str)
def test_item_that_is_not_what_the_journal_says_is_put_right(kept_journal, shown, dynamodb, ruin):
    journal, _ = kept_journal
    rebuild_of(journal, shown).run(None)
    item = random.Random(7).choice([item for item in shown.items().values() if "amount" in item])
    if RUINS[ruin] is None:
        key = {"wallet": {"S": item["wallet"]}, "version": {"N": str(item["version"])}}
        dynamodb.delete_item(TableName=shown.table_name, Key=key)
    else:
        shown.put(**item | RUINS[ruin])
    rebuild = rebuild_of(journal, shown)
    assert rebuild.run(None) is None
    assert shown.items() == journal.expected_view()
    assert rebuild.counts == Counts(written=1)


def test_items_that_the_journal_does_not_have_are_removed(kept_journal, shown):
    journal, _ = kept_journal
    expected = journal.expected_view()
    [some, *_] = expected.values()
    other = journal.run("SELECT * FROM history(idempotency)")[0]
    place = {name: other["blockAddress"][name] for name in ("strandId", "sequenceNo")}
    of_other_table = {"wallet": str(other["metadata"]["id"]), "version": 0, "hash": bytes(other["hash"])}
    shown.put(wallet="nobody", version=0)
    shown.put(**some | {"version": 99})
    shown.put(**some | {"wallet": "nobody", "version": 1})
    shown.put(
        **of_other_table, blockAddress={"strandId": str(place["strandId"]), "sequenceNo": int(place["sequenceNo"])}
    )
    rebuild = rebuild_of(journal, shown)
    assert rebuild.run(None) is None
    assert shown.items() == expected
    assert rebuild.counts == Counts(written=len(expected), removed=4)


def test_rebuild_that_runs_out_of_time_at_every_step_goes_on_where_it_stopped(kept_journal, shown, monkeypatch):
    journal, _ = kept_journal
    shown.put(wallet="nobody", version=0)
    scan = shown.dynamodb.scan
    monkeypatch.setattr(shown.view._client, "scan", lambda **asked: scan(**asked | {"Limit": 3}))
    place, places, written, removed = None, [], 0, 0
    while True:
        rebuild = rebuild_of(journal, shown, in_time=lambda: False)
        place = rebuild.run(place)
        written, removed = written + rebuild.counts.written, removed + rebuild.counts.removed
        if place is None:
            break
        assert place not in places
        places.append(place)
    assert any("strandId" in each for each in places)
    assert any("after" in each for each in places)
    assert shown.items() == journal.expected_view()
    assert (written, removed) == (len(journal.expected_view()), 1)


def test_data_that_was_erased_in_the_view_first_does_not_come_back(journal, shown, queue):
    before = journal.records()
    journal.redact(ANA, 1)
    summaries = [record for record in journal.records() if b"redactionInfo" in record.data]
    deliver(consumer_of(shown, queue.dead_letters()), summaries + before)
    rebuild_of(journal, shown).run(None)
    assert shown.items() == journal.expected_view()


def test_data_whose_redaction_is_committed_but_not_carried_out_is_not_shown(journal, shown, monkeypatch):
    monkeypatch.setattr(type(journal.ledger), "complete_redactions", lambda _: None)
    journal.redact(ANA, 1)
    rebuild_of(journal, shown).run(None)
    [item] = [item for item in shown.items().values() if item.get("redacted")]
    assert (item["wallet"], item["version"]) == (journal.wallet_id(ANA), 1)
    assert "amount" not in item


def test_redaction_in_another_table_leaves_nothing(journal, shown):
    journal.run("UPDATE idempotency AS i SET i.x = 1 WHERE i.\"key\" = 'key-60.00'")
    [row] = journal.run(
        "SELECT * FROM history(idempotency) AS h WHERE h.data.\"key\" = 'key-60.00' AND h.metadata.version = 0"
    )
    [table_id] = journal.run("SELECT VALUE tableId FROM information_schema.user_tables WHERE name = 'idempotency'")
    journal.run("EXEC REDACT_REVISION ?, ?, ?", row["blockAddress"], str(table_id), str(row["metadata"]["id"]))
    rebuild = rebuild_of(journal, shown)
    rebuild.run(None)
    assert shown.items() == journal.expected_view()
    assert rebuild.counts.removed == 0


def test_revision_that_the_wallet_did_not_write_is_counted_and_left_out(journal, shown):
    expected = journal.expected_view()
    journal.run(f"INSERT INTO {TABLE} ?", {"email": "x", "amount": "much"})
    rebuild = rebuild_of(journal, shown)
    assert rebuild.run(None) is None
    assert shown.items() == expected
    assert rebuild.counts == Counts(written=len(expected), unusable=1)


def test_rebuild_beside_the_live_consumer_and_the_wallet_gives_the_view_of_the_journal(journal, shown, queue):
    consumer = consumer_of(shown, queue.dead_letters())
    seen, stop = journal.records(), threading.Event()
    failures = []

    def rebuild_on_and_on():
        try:
            while not stop.is_set():
                rebuild_of(journal, shown).run(None)
        except Exception as error:
            failures.append(error)

    rebuilding = threading.Thread(target=rebuild_on_and_on)
    rebuilding.start()
    try:
        for number in range(5):
            add(journal.wallet, ANA, "1.00")
            transfer(journal.wallet, ANA, BOB, "0.50")
            if number == 3:
                journal.redact(ANA, 2)
            records = journal.records()
            deliver(consumer, [record for record in records if record not in seen])
            seen = records
    finally:
        stop.set()
        rebuilding.join()
    assert failures == []
    rebuild_of(journal, shown).run(None)
    assert shown.items() == journal.expected_view()


def test_function_rebuilds_from_the_ledger_in_dynamodb_as_far_as_time_allows(
    dynamodb,
    shown,
    table,
    on_cloud,
    monkeypatch,
):
    journal = WalletJournal(DynamoDBStore(table, namespace=LEDGER_NAME, client=dynamodb), strands=2)
    journal.fill()
    for name, value in {
        "VIEW_TABLE": shown.table_name,
        "JOURNAL_TABLE_NAME": TABLE,
        "LEDGER_NAME": LEDGER_NAME,
        "LEDGER_TABLE": table,
    }.items():
        monkeypatch.setenv(name, value)
    first = transaction_view_rebuild.handler({}, Context(60_000, 60_000, 0))
    assert (first["done"], set(first["next"])) == (False, {"strandId", "sequenceNo"})
    second = transaction_view_rebuild.handler({"next": first["next"]}, Context())
    assert (second["done"], second["next"], second["removed"]) == (True, None, 0)
    assert first["written"] + second["written"] == len(journal.expected_view())
    assert shown.items() == journal.expected_view()
