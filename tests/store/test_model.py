"""Any sequence of operations on a store does what it does on a dict of cells."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger.store import Cell, Conflict, Key, SQLiteStore

PARTITIONS = st.sampled_from(["p", "p/", "|p"])
SORTS = st.sampled_from(["", "a", "ab", "b", "é", "\uffee", "\U0001f600"])
KEYS = st.builds(Key, PARTITIONS, SORTS)
DATA = st.one_of(st.none(), st.binary(max_size=3), st.sampled_from([350_000, 350_001, 700_001]).map(bytes))


class Machine(RuleBasedStateMachine):
    """Commits and reads against a model; `wrong` moves the expected version of some keys off the true one."""

    new_store = None

    @initialize()
    def open(self):
        self.store, self.model = self.new_store(), {}

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()

    def version(self, key):
        return self.model[key].version if key in self.model else None

    @rule(
        writes=st.dictionaries(KEYS, DATA, max_size=5),
        relied=st.sets(KEYS, max_size=3),
        wrong=st.dictionaries(KEYS, st.sampled_from([None, 1, 2, 3]), max_size=1),
    )
    def commit(self, writes, relied, wrong):
        keys = relied | writes.keys()
        expected = {key: wrong.get(key, self.version(key)) for key in keys}
        lost = {key for key in keys if expected[key] != self.version(key)}
        if lost:
            with pytest.raises(Conflict) as caught:
                self.store.commit(writes, expected)
            assert caught.value.keys == lost
            return
        self.store.commit(writes, expected)
        for key, data in writes.items():
            if data is None:
                self.model.pop(key, None)
            else:
                self.model[key] = Cell((expected[key] or 0) + 1, data)

    @rule(keys=st.lists(KEYS, max_size=6))
    def get(self, keys):
        assert self.store.get(keys) == {key: self.model[key] for key in keys if key in self.model}

    @rule(
        partition=PARTITIONS,
        start=st.none() | SORTS,
        stop=st.none() | SORTS,
        reverse=st.booleans(),
        limit=st.none() | st.integers(0, 4),
    )
    def scan(self, partition, start, stop, reverse, limit):
        inside = [
            (key, cell)
            for key, cell in self.model.items()
            if key.partition == partition
            and (start is None or start.encode() <= key.sort.encode())
            and (stop is None or key.sort.encode() < stop.encode())
        ]
        inside.sort(key=lambda item: item[0].sort.encode(), reverse=reverse)
        found = self.store.scan(partition, start=start, stop=stop, reverse=reverse, limit=limit)
        assert list(found) == inside[:limit]

    @invariant()
    def everything_is_held_at_one_instant(self):
        if hasattr(self, "store"):
            self.store.commit({}, {key: cell.version for key, cell in self.model.items()})


def check(new_store, examples):
    machine = type("StoreMachine", (Machine,), {"new_store": staticmethod(new_store)})
    quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=examples, stateful_step_count=15, deadline=None, suppress_health_check=quiet),
    )


def test_sqlite_store_behaves_like_a_dict_of_cells(tmp_path_factory):
    check(lambda: SQLiteStore(tmp_path_factory.mktemp("model") / "ledger.db"), examples=60)


def test_sqlite_store_in_memory_behaves_like_a_dict_of_cells():
    check(lambda: SQLiteStore(":memory:"), examples=100)


def test_dynamodb_store_behaves_like_a_dict_of_cells(new_dynamodb_store):
    check(new_dynamodb_store, examples=30)
