"""The view against the journal: in any order, any number of times, and with what fails on the way."""

import functools
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.stream import transaction_view
from lambdas.stream.consumer import Consumer
from ledger.stream import Record
from tests.consumers.deliveries import Context, Flaky, deliver, event, failed_numbers, in_aggregates
from tests.consumers.journals import TABLE
from tests.depth import examples

POISON = [Record("p", b"\x00"), Record("p", b""), Record("p", b"{qldbStreamArn: 1}")]


def consumer_of(shown, dead_letters, journal_table=TABLE):
    return Consumer("test", functools.partial(transaction_view.show, shown.view, journal_table), dead_letters)


def visible(shown):
    """The items that readers see; redactions in other tables leave marks that they do not."""
    return {key: item for key, item in shown.items().items() if "hash" in item}


def test_stream_in_its_own_order_gives_the_view_of_the_journal(kept_journal, shown, queue):
    journal, before = kept_journal
    deliver(consumer_of(shown, queue.dead_letters()), before + journal.records())
    assert visible(shown) == journal.expected_view()
    assert queue.receive() == []


@settings(max_examples=examples(6), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), is_aggregated=st.booleans())
def test_any_order_any_number_of_times_and_one_failure_in_a_hundred_give_the_view_of_the_journal(
    kept_journal, new_view, queue, seed, is_aggregated
):
    journal, before = kept_journal
    chance = random.Random(seed)
    redactions = [record for record in journal.records() if b"redactionInfo" in record.data]
    again = chance.sample(journal.records(), k=chance.randrange(20))
    records = before + redactions + again + POISON
    chance.shuffle(records)
    if is_aggregated:
        records = in_aggregates(records, chance.randint(1, 12))
    shown = new_view(lambda client: Flaky(client, chance))
    deliver(consumer_of(shown, queue.dead_letters(Flaky(queue.sqs, chance))), records)
    assert visible(shown) == journal.expected_view()
    assert {message["data"] for message in queue.receive()} == {"AA==", "", "e3FsZGJTdHJlYW1Bcm46IDF9"}


def test_view_is_of_one_table_only(kept_journal, shown, queue):
    journal, before = kept_journal
    deliver(consumer_of(shown, queue.dead_letters(), "idempotency"), before)
    [first, *_] = shown.items().values()
    assert len(shown.items()) == len(journal.run("SELECT * FROM history(idempotency)"))
    assert "kind" not in first


def test_revision_that_the_wallet_did_not_write_is_buried_and_the_others_are_shown(journal, shown, queue):
    expected = journal.expected_view()
    journal.run(f"INSERT INTO {TABLE} ?", {"email": "x", "amount": "much"})
    deliver(consumer_of(shown, queue.dead_letters()), journal.records())
    assert visible(shown) == expected
    [message] = queue.receive()
    assert message["error"] == "UnusableRevisionError"
    assert message["reason"] == "amount is not an exact amount of money"


def test_stream_of_another_ledger_cannot_change_what_is_shown(journal, shown, queue):
    first = journal.expected_view()
    deliver(consumer_of(shown, queue.dead_letters()), journal.records())
    [item, *_] = shown.items().values()
    shown.put(**{**item, "hash": bytes(32)})
    deliver(consumer_of(shown, queue.dead_letters()), journal.records())
    assert shown.items() == first | {(item["wallet"], int(item["version"])): {**item, "hash": bytes(32)}}
    assert {message["error"] for message in queue.receive()} == {"ContradictionError"}


def test_function_shows_what_its_environment_names(kept_journal, shown, queue, on_cloud, monkeypatch):
    journal, before = kept_journal
    monkeypatch.setenv("VIEW_TABLE", shown.table_name)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", queue.url)
    monkeypatch.setenv("JOURNAL_TABLE_NAME", TABLE)
    transaction_view.consumer.cache_clear()
    records = [*before, POISON[0], *journal.records()]
    answer = transaction_view.handler(event(records), Context())
    assert failed_numbers(answer) == []
    assert visible(shown) == journal.expected_view()
    [message] = queue.receive()
    assert message["consumer"] == "transaction-view"
    transaction_view.consumer.cache_clear()


def test_table_that_is_not_there_leaves_the_batch_to_be_delivered_again(kept_journal, new_view, queue):
    shown = new_view()
    shown.view._table_name = "no-such-table"
    revision = next(number for number, record in enumerate(kept_journal[1]) if b"createaccount" in record.data)
    answer = consumer_of(shown, queue.dead_letters())(event(kept_journal[1]), Context())
    assert failed_numbers(answer) <= [revision]
    assert failed_numbers(answer) != []
    assert queue.receive() == []
