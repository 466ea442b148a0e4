"""Random concurrent transactions against a serial execution of the same: the outcome is one that some order gives."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import settings as ledger_settings
from ledger.errors import OccConflictException
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.depth import examples
from tests.ledger.support import Client

KEYS = ("a", "b", "c")
keys = st.sampled_from(KEYS)
numbers = st.integers(0, 3)
statements = st.one_of(
    st.tuples(st.just("SELECT VALUE n FROM T WHERE k = ?"), st.tuples(keys)),
    st.tuples(st.just("SELECT VALUE n FROM T WHERE n > ?"), st.tuples(numbers)),
    st.tuples(st.just("SELECT COUNT(*) FROM T"), st.just(())),
    st.tuples(st.just("UPDATE T SET n = n + 1 WHERE k = ?"), st.tuples(keys)),
    st.tuples(st.just("UPDATE T SET k = ? WHERE n = ?"), st.tuples(keys, numbers)),
    st.tuples(st.just("DELETE FROM T WHERE k = ?"), st.tuples(keys)),
    st.tuples(st.just("INSERT INTO T VALUE {'k': ?, 'n': ?}"), st.tuples(keys, numbers)),
)
transactions = st.lists(statements, min_size=1, max_size=3)


def start(strands):
    store = SQLiteStore(":memory:")
    ledger_settings.create(store, "demo", strands=strands)
    client = Client(Ledger(store, "demo"))
    client.run("CREATE TABLE T")
    client.run("CREATE INDEX ON T (k)")
    client.run("INSERT INTO T << ?, ? >>", {"k": "a", "n": 1}, {"k": "b", "n": 2})
    return client


def observed(rows):
    """What a statement gave, without the ids, which are random, and in no order."""
    return sorted("document" if "documentId" in row else row for row in rows)


def state(client):
    return sorted(client.run("SELECT k, n FROM T"))


def interleaved(client, programs, order):
    """Run the programs statement by statement in this order; return what each saw, `None` for one that conflicted."""
    sessions = [client.begin() for _ in programs]
    seen = [[] for _ in programs]
    positions = [0] * len(programs)
    outcomes = [None] * len(programs)
    for turn in order:
        if positions[turn] < len(programs[turn]):
            text, parameters = programs[turn][positions[turn]]
            try:
                seen[turn].append(observed(sessions[turn].run(text, *parameters)))
            except OccConflictException:
                positions[turn] = len(programs[turn]) + 1
                continue
        elif positions[turn] == len(programs[turn]):
            try:
                sessions[turn].commit()
                outcomes[turn] = seen[turn]
            except OccConflictException:
                pass
        positions[turn] += 1
    return outcomes


def serial(strands, programs, order):
    client = start(strands)
    outcomes = {}
    for index in order:
        session = client.begin()
        outcomes[index] = [observed(session.run(text, *parameters)) for text, parameters in programs[index]]
        session.commit()
    result = outcomes, state(client)
    client.ledger.store.close()
    return result


@pytest.mark.parametrize("strands", [1, 4])
@settings(max_examples=examples(60))
@given(programs=st.lists(transactions, min_size=2, max_size=3), data=st.data())
def test_what_committed_transactions_saw_and_left_is_what_a_serial_order_gives(strands, programs, data):
    turns = [index for index, program in enumerate(programs) for _ in range(len(program) + 1)]
    order = data.draw(st.permutations(turns))
    client = start(strands)
    outcomes = interleaved(client, programs, order)
    committed = [index for index, outcome in enumerate(outcomes) if outcome is not None]
    expected = ({index: outcomes[index] for index in committed}, state(client))
    assert client.findings() == []
    client.ledger.store.close()
    assert any(serial(strands, programs, attempt) == expected for attempt in itertools.permutations(committed)), (
        f"no serial order of {committed} gives {expected}"
    )


@settings(max_examples=examples(60))
@given(programs=st.lists(transactions, min_size=2, max_size=3), data=st.data())
def test_at_least_one_of_the_concurrent_transactions_commits(programs, data):
    turns = [index for index, program in enumerate(programs) for _ in range(len(program) + 1)]
    client = start(1)
    outcomes = interleaved(client, programs, data.draw(st.permutations(turns)))
    client.ledger.store.close()
    assert any(outcome is not None for outcome in outcomes)
