"""Streams under kills, faults, several forwarders, and wake-ups that are lost, late and doubled."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.store import SQLiteStore
from ledger.store.base import StoreError
from ledger.stream import StreamError, cancel_stream, chunks, reading
from ledger.stream.checkpoint import LEASE
from tests.depth import examples
from tests.store.faults import FaultyStore
from tests.stream.forwarding import KillingStore, Streamed, check_stream
from tests.stream.journals import Journal
from tests.stream.kinesis import KILLED_AFTER, LOST, Killed, Kinesis, says
from tests.stream.test_kinesis import reshard


@pytest.fixture(params=[1, 4], ids=lambda strands: f"{strands}-strands")
def journal(request, monkeypatch):
    monkeypatch.setattr(chunks, "MOST_BLOCKS", 3)
    monkeypatch.setattr(reading, "MOST_BLOCKS", 2)
    store = SQLiteStore(":memory:")
    journal = Journal(store, request.param)
    for number in range(7):
        journal.commit(number % request.param, [number % 2, 2 + number % 3])
    yield journal
    store.close()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_forwarder_killed_at_any_call_of_the_store_is_made_up_for(journal, after):
    kills = 0
    for at in range(1, 1000):
        streamed = Streamed(journal, name=f"s{at}")
        try:
            streamed.run(store=KillingStore(journal.store, at, after=after))
        except Killed:
            kills += 1
        streamed.now += LEASE
        streamed.run()
        check_stream(streamed.kinesis, journal.blocks())
        cancel_stream(journal.store, streamed.started.stream_id)
        if kills < at:
            break
    assert kills > 10


@pytest.mark.parametrize("aggregated", [False, True], ids=["plain", "aggregated"])
@pytest.mark.parametrize("fault", [Killed(), KILLED_AFTER], ids=["before", "after"])
def test_a_forwarder_killed_at_any_call_of_kinesis_is_made_up_for(journal, aggregated, fault):
    kills = 0
    for calls in range(1000):
        streamed = Streamed(journal, Kinesis(2, [None] * calls + [fault]), aggregated=aggregated, name=f"s{calls}")
        try:
            streamed.run()
        except Killed:
            kills += 1
        streamed.now += LEASE
        streamed.run()
        check_stream(streamed.kinesis, journal.blocks())
        cancel_stream(journal.store, streamed.started.stream_id)
        if kills <= calls:
            break
    assert kills > 3


def test_a_killed_forwarder_repeats_at_most_what_it_sent_since_the_checkpoint(journal):
    def pass_time(_):
        streamed.now += timedelta(seconds=1)

    streamed = Streamed(journal, Kinesis(1, [pass_time] * 5 + [KILLED_AFTER]))
    with pytest.raises(Killed):
        streamed.run()
    streamed.now += LEASE
    streamed.run()
    arrived = [str(each.value) for each in streamed.kinesis.arrived()]
    assert 0 < len(arrived) - len(set(arrived)) <= 3 * 3


def commit(index, documents):
    return lambda streamed: streamed.journal.commit(index, documents)


def another_forwarder(streamed):
    with suppress(StreamError, StoreError):
        streamed.run()


def another_forwarder_after_the_lease(streamed):
    streamed.now += LEASE
    another_forwarder(streamed)


COMMITS = st.builds(commit, st.integers(0, 3), st.lists(st.integers(0, 4), max_size=3, unique=True))
MEANWHILE = st.one_of(
    COMMITS,
    st.sampled_from([another_forwarder, another_forwarder_after_the_lease, lambda streamed: reshard(streamed.kinesis)]),
)
FAULTS = st.one_of(
    st.none(),
    MEANWHILE,
    st.sets(st.integers(0, 3)),
    st.sampled_from([LOST, Killed(), KILLED_AFTER, says("ThrottlingException"), says("AccessDeniedException")]),
)
WAKE_UPS = st.tuples(
    st.lists(FAULTS, max_size=8),
    st.one_of(
        st.none(),
        st.tuples(st.just(KillingStore), st.integers(1, 30), st.booleans()),
        st.tuples(st.just(FaultyStore), st.integers(0, 1000), st.booleans()),
    ),
)


@settings(max_examples=examples(40))
@given(
    steps=st.lists(st.one_of(COMMITS, WAKE_UPS), max_size=25),
    aggregated=st.booleans(),
    most_blocks=st.integers(1, 4),
)
def test_everything_arrives_in_order_whatever_happens(steps, aggregated, most_blocks):
    store = SQLiteStore(":memory:")
    streamed = Streamed(Journal(store, strands=4), aggregated=aggregated)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "MOST_BLOCKS", most_blocks)
        patch.setattr(chunks, "MOST_BLOCKS", most_blocks)
        for step in steps:
            if callable(step):
                step(streamed)
            else:
                wake(streamed, *step)
        streamed.kinesis.plan = iter(())
        streamed.now += LEASE
        streamed.run()
    check_stream(streamed.kinesis, streamed.journal.blocks())
    store.close()


def wake(streamed, faults, store_fault):
    streamed.kinesis.plan = iter([_bound(fault, streamed) for fault in faults])
    store = streamed.store
    match store_fault:
        case (kind, at, after) if kind is KillingStore:
            store = KillingStore(store, at, after=after)
        case (kind, seed, _):
            store = FaultyStore(store, seed, rate=0.1)
    with suppress(Killed, StreamError, StoreError):
        streamed.run(store=store)


def _bound(fault, streamed):
    def act(_):
        fault(streamed)

    return act if callable(fault) else fault
