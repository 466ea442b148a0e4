"""Reading all strands: everything once, each strand in order, each document's versions in order."""

import random
import tracemalloc
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.documents import history_key
from ledger.store import SQLiteStore
from ledger.store.base import Corrupt
from ledger.strand import block_key
from ledger.stream import causes, reading
from ledger.stream.reading import JournalReader
from tests.store.faults import FaultyStore
from tests.stream.journals import Journal, block_address, check_order, document_id

MINUTE = timedelta(minutes=1)


@pytest.fixture
def journal(tmp_path):
    store = SQLiteStore(tmp_path / "journal.db")
    yield Journal(store, strands=4)
    store.close()


@pytest.fixture
def memory():
    """A journal of four strands in memory."""
    store = SQLiteStore(":memory:")
    yield Journal(store, strands=4)
    store.close()


def reader_of(journal, cursor=None, store=None, **times):
    return JournalReader(store or journal.store, cursor or dict.fromkeys(journal.strands, 0), **times)


def given_by(reader):
    return [stored.block for stored in reader.blocks()]


def addresses(blocks):
    return [block.address for block in blocks]


def test_every_block_of_a_ledger_is_given_once_with_versions_in_order(client):
    client.run("CREATE TABLE T")
    client.run("CREATE INDEX ON T (k)")
    for number in range(4):
        client.run("INSERT INTO T ?", {"k": number, "n": 0})
    for _ in range(40):
        client.run("UPDATE T SET n = n + 1 WHERE k IN (?, ?)", *random.sample(range(4), 2))
    client.run("DELETE FROM T WHERE k = 1")
    [table_id] = client.run("SELECT VALUE tableId FROM information_schema.user_tables")
    client.run("DROP TABLE T")
    client.run(f"UNDROP TABLE {table_id}")
    client.run("DELETE FROM T WHERE k = 2")
    reader = JournalReader(client.ledger.store, dict.fromkeys(client.ledger.settings.strands, 0))
    blocks = given_by(reader)
    check_order(blocks)
    assert len(blocks) == len(set(addresses(blocks))) == sum(reader.cursor.values())
    assert given_by(reader) == []


def test_a_version_waits_for_the_one_before_it_in_another_strand(memory):
    memory.commit(0, [1])
    memory.commit(1, [1])
    memory.commit(2, [1])
    memory.commit(1, [1])
    memory.commit(3, [2], at=memory.settings.created)
    wanted = [block_address(memory, index, number) for index, number in ((0, 1), (1, 1), (2, 1), (1, 2))]
    given = addresses(given_by(reader_of(memory)))
    assert [address for address in given if address in wanted] == wanted


def test_the_strands_take_turns_and_the_oldest_of_a_turn_comes_first(memory):
    later = memory.settings.created + MINUTE
    for number in range(3):
        for index in (2, 0, 3, 1):
            memory.commit(index, at=later + number * MINUTE + index * timedelta(seconds=1))
    given = addresses(given_by(reader_of(memory)))
    assert given[4:] == [block_address(memory, index, number) for number in (1, 2, 3) for index in range(4)]


def test_a_block_that_was_committed_behind_the_reading_of_its_strand_is_fetched_for_its_successor(memory, monkeypatch):
    monkeypatch.setattr(reading, "MOST_BLOCKS", 2)
    memory.commit(0, [1])
    for _ in range(5):
        memory.commit(3)
    reader = reader_of(memory)
    blocks = reader.blocks()
    early = [next(blocks) for _ in range(6)]  # strands 0 to 2 are read up to their ends
    memory.commit(1, [1])
    memory.commit(3, [1])
    memory.commit(0, [1])
    late = list(blocks)
    check_order(stored.block for stored in early + late)
    assert sum(reader.cursor.values()) == len(early + late) == len(memory.blocks())


def test_what_is_before_the_cursor_counts_as_given(memory):
    cause = memory.commit(0, [1])
    effect = memory.commit(1, [1])
    cursor = dict.fromkeys(memory.strands, 1) | {cause.strand_id: 2}
    assert addresses(given_by(reader_of(memory, cursor))) == [effect]


class TestTimes:
    def test_blocks_from_the_start_up_to_the_end_are_given(self, memory):
        begin = memory.settings.created + MINUTE
        for number in range(8):
            memory.commit(number % 4, at=begin + number * MINUTE)
        reader = reader_of(memory, start=begin + 2 * MINUTE, end=begin + 6 * MINUTE)
        blocks = given_by(reader)
        assert sorted(block.timestamp for block in blocks) == [begin + number * MINUTE for number in range(2, 6)]
        assert not reader.has_ended

    def test_a_strand_ends_at_its_first_block_that_is_not_older_than_the_end(self, memory):
        end = memory.settings.created + MINUTE
        for index in range(4):
            memory.commit(index, at=end)
            memory.commit(index, at=end)
        reader = reader_of(memory, end=end)
        assert not reader.has_ended
        assert len(given_by(reader)) == 4
        assert reader.has_ended
        assert set(reader.cursor.values()) == {1}

    def test_a_version_before_the_start_or_behind_the_end_is_not_waited_for(self, memory):
        noon = memory.settings.created + 60 * MINUTE
        memory.commit(0, [1, 2], at=noon - MINUTE)
        memory.commit(1, [1], at=noon + MINUTE)
        memory.commit(2, [2], at=noon + 9 * MINUTE)
        memory.commit(3, [2], at=noon + 2 * MINUTE)  # by a clock that is late
        reader = reader_of(memory, start=noon, end=noon + 5 * MINUTE)
        assert set(addresses(given_by(reader))) == {block_address(memory, 1, 1), block_address(memory, 3, 1)}


class TestDamage:
    def test_a_block_on_a_version_that_is_nowhere_is_corrupt(self, memory):
        cause = memory.commit(0, [1])
        memory.commit(1, [1])
        memory.store.commit({history_key(document_id(1), 0): None}, {history_key(document_id(1), 0): 1})
        cursor = dict.fromkeys(memory.strands, 0) | {cause.strand_id: 2}
        with pytest.raises(Corrupt, match=f"revision 0 of document {document_id(1)} is missing from the journal"):
            given_by(reader_of(memory, cursor))

    def test_a_pointer_to_a_block_that_is_not_there_is_corrupt_and_does_not_hang(self, memory):
        memory.commit(0, [1])
        memory.commit(1, [1])
        memory.store.commit({block_key(block_address(memory, 0, 1)): None}, {block_key(block_address(memory, 0, 1)): 1})
        with pytest.raises(Corrupt, match=rf"block 1 of strand {memory.strands[1]} builds on a version"):
            given_by(reader_of(memory))

    def test_what_is_before_a_missing_block_is_given_first(self, memory):
        for _ in range(3):
            memory.commit(0)
        missing = block_key(block_address(memory, 0, 2))
        memory.store.commit({missing: None}, {missing: 1})
        blocks = reader_of(memory).blocks()
        assert len([next(blocks) for _ in range(5)]) == 5
        with pytest.raises(Corrupt, match=f"block 2 of strand {memory.strands[0]} is missing"):
            next(blocks)

    def test_a_gap_that_was_only_seen_by_a_scan_during_a_commit_is_no_damage(self, memory):
        class Torn(FaultyStore):
            """Misses the first block in the first scan after it."""

            def scan(self, partition, **options):
                torn, self.torn = self.torn, False
                cells = list(super().scan(partition, **options))
                return iter(cells[1:] if torn and cells else cells)

            torn = False

        store = Torn(memory.store)
        reader = reader_of(memory, store=store)
        assert len(given_by(reader)) == 4
        memory.commit(0)
        memory.commit(0)
        store.torn = True
        assert len(given_by(reader)) == 2

    def test_a_block_that_does_not_chain_to_what_was_read_before_is_corrupt(self, memory):
        reader = reader_of(memory)
        assert len(given_by(reader)) == 4
        memory._tips[memory.strands[0]] = memory._tips[memory.strands[0]]._replace(hash=bytes(range(32)))
        memory.commit(0)
        with pytest.raises(Corrupt, match=r"block 1 of strand .* does not chain"):
            given_by(reader)


class TestCost:
    def test_one_strand_needs_no_pointers(self, tmp_path):
        store = SQLiteStore(tmp_path / "journal.db")
        journal = Journal(store, strands=1)
        for _ in range(50):
            journal.commit(0, [1])
        before = store.reads
        assert len(given_by(reader_of(journal))) == 51
        assert store.reads - before == 51
        store.close()

    def test_a_pointer_is_read_only_for_a_version_that_was_not_met(self, memory, monkeypatch):
        memory.commit(0, [1, 2, 3])
        cursor = dict.fromkeys(memory.strands, 2)
        for index in range(4):
            memory.commit(index)
        for _ in range(5):
            for index in range(4):
                memory.commit(index, [1, 2])
        monkeypatch.setattr(reading, "MOST_BLOCKS", 3)
        reader = reader_of(memory, cursor | {memory.strands[0]: 3})
        before = memory.store.reads
        assert len(given_by(reader)) == 20
        assert memory.store.reads - before == 20 + 2

    def test_reading_a_long_backlog_takes_no_more_memory_than_a_short_one(self, memory, monkeypatch):
        monkeypatch.setattr(causes, "MOST_REMEMBERED", 500)
        memory.fill(6000)
        short, little = peak(reader_of(memory, dict.fromkeys(memory.strands, 1126)))
        long, much = peak(reader_of(memory, dict.fromkeys(memory.strands, 1)))
        assert (short, long) == (1500, 6000)
        assert much < 1.2 * little

    def test_large_blocks_are_read_a_few_at_a_time(self, memory):
        for index in range(4):
            for _ in range(12):
                memory.commit(index, text="x" * 400_000)
        count, most = peak(reader_of(memory))
        assert count == 52
        assert most < 10_000_000


def peak(reader):
    """Return how many blocks there are, and the most memory that reading them took, in bytes."""
    tracemalloc.start()
    try:
        return sum(1 for _ in reader.blocks()), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 3), st.lists(st.integers(0, 4), max_size=3, unique=True)),
        st.just("read"),
        st.just("begin anew"),
    ),
    max_size=60,
)


@given(steps=STEPS, most_blocks=st.integers(1, 4), most_remembered=st.integers(0, 3))
def test_the_order_holds_however_commits_and_reads_alternate(steps, most_blocks, most_remembered):
    store = SQLiteStore(":memory:")
    journal = Journal(store, strands=4)
    given, reader = [], reader_of(journal)
    blocks = reader.blocks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "MOST_BLOCKS", most_blocks)
        patch.setattr(causes, "MOST_REMEMBERED", most_remembered)
        for step in [*steps, "begin anew"]:
            if step == "read":
                given += [stored.block for stored in [next(blocks, None)] if stored]
            elif step == "begin anew":
                reader = reader_of(journal, reader.cursor)
                blocks = reader.blocks()
            else:
                journal.commit(*step)
        given += given_by(reader)
    check_order(given)
    assert sorted(addresses(given)) == sorted(stored.block.address for stored in journal.blocks())
    store.close()
