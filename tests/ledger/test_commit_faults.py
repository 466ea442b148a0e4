"""Commits on a store that fails: done once or not at all, and the client is told which."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import settings as ledger_settings
from ledger.audit import audit
from ledger.errors import (
    CapacityExceededException,
    OccConflictException,
    QldbError,
    RateExceededException,
    TransactionOutcomeUnknownException,
)
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.depth import examples
from tests.ledger.conftest import prepared
from tests.ledger.support import Client
from tests.store.faults import Fault, FaultyStore


def faulty(client, *plan):
    """Another client of the same ledger, whose commits meet these faults."""
    store = FaultyStore(client.ledger.store, plan)
    return Client(Ledger(store, client.ledger.name))


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_answer_is_looked_up_and_the_commit_happens_exactly_once(local_client, fault, times):
    faulty(local_client, *[fault] * times).run("INSERT INTO T ?", {"k": 1})
    assert local_client.run("SELECT COUNT(*) FROM T") == ["{_1:1}"]
    assert local_client.findings() == []


def test_an_outcome_that_stays_unknown_is_an_error_that_drivers_do_not_retry(local_client):
    with pytest.raises(TransactionOutcomeUnknownException, match="look for its effects before repeating") as unknown:
        faulty(local_client, *[Fault.LOST_BEFORE] * 100).run("INSERT INTO T ?", {"k": 1})
    assert unknown.value.status not in {500, 503}


def test_a_spurious_conflict_is_told_as_a_conflict_and_changes_nothing(local_client):
    local_client.run("INSERT INTO T ?", {"k": 1})
    with pytest.raises(OccConflictException):
        faulty(local_client, Fault.CONFLICT).run("UPDATE T SET n = 1 WHERE k = 1")
    assert local_client.run("SELECT VALUE n FROM T") == []


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.UNAVAILABLE])
def test_a_store_too_busy_is_told_with_a_status_that_drivers_retry(local_client, fault):
    with pytest.raises(RateExceededException, match="Rate exceeded") as refused:
        faulty(local_client, fault).run("INSERT INTO T ?", {"k": 1})
    assert refused.value.status == 503
    assert local_client.run("SELECT * FROM T") == []


def test_a_store_that_cannot_be_read_is_told_as_busy(local_client):
    session = Client(local_client.ledger).begin()
    session.run("SELECT * FROM T WHERE k = 1")
    store = FaultyStore(local_client.ledger.store, read_plan=[False, True])
    with pytest.raises(RateExceededException):
        Client(Ledger(store, "demo")).run("SELECT * FROM T")


def test_a_race_for_the_only_strand_that_never_ends_is_told_as_capacity(tmp_path, monkeypatch):
    monkeypatch.setattr("ledger.transaction.commit._pause", lambda attempt: None)
    ledger_store = SQLiteStore(tmp_path / "one.db")
    ledger_settings.create(ledger_store, "demo", strands=1)
    other = prepared(Ledger(ledger_store, "demo"))

    class Overtaken(FaultyStore):
        def commit(self, writes, expected):
            other.run("INSERT INTO T ?", {"k": random.random()})
            super().commit(writes, expected)

    with pytest.raises(CapacityExceededException):
        Client(Ledger(Overtaken(ledger_store), "demo")).run("INSERT INTO T ?", {"k": 1})
    assert other.findings() == []
    ledger_store.close()


def test_overtaken_inserts_of_one_indexed_value_are_built_anew(local_client):
    """The head of a value that was not looked up is a race for a place, not a conflict."""
    ledger = local_client.ledger
    overtaken = []

    class OvertakenOnce(FaultyStore):
        def commit(self, writes, expected):
            if not overtaken:
                overtaken.append(1)
                local_client.run("INSERT INTO T ?", {"k": 1, "n": "first"})
            super().commit(writes, expected)

    Client(Ledger(OvertakenOnce(ledger.store), "demo")).run("INSERT INTO T ?", {"k": 1, "n": "second"})
    assert sorted(local_client.run("SELECT VALUE n FROM T WHERE k = 1")) == ['"first"', '"second"']
    assert local_client.findings() == []


@settings(max_examples=examples(25))
@given(seed=st.integers(0, 2**32), strands=st.sampled_from([1, 4]))
def test_transfers_under_random_faults_are_done_as_often_as_they_were_acknowledged(seed, strands):
    store = SQLiteStore(":memory:")
    ledger_settings.create(store, "demo", strands=strands)
    sure = Client(Ledger(store, "demo"))
    sure.run("CREATE TABLE T")
    sure.run("CREATE INDEX ON T (k)")
    sure.run("INSERT INTO T << ?, ? >>", {"k": "a", "n": 100}, {"k": "b", "n": 100})
    unsure = Client(Ledger(FaultyStore(store, seed, rate=0.4), "demo"))
    acknowledged = unknown = 0
    for _ in range(12):
        session = unsure.begin()
        try:
            session.run("UPDATE T SET n = n - 1 WHERE k = 'a'")
            session.run("UPDATE T SET n = n + 1 WHERE k = 'b'")
            session.commit()
            acknowledged += 1
        except TransactionOutcomeUnknownException:
            unknown += 1
        except QldbError:
            pass
    [a], [b] = (sure.run(f"SELECT VALUE n FROM T WHERE k = '{name}'") for name in "ab")
    assert int(a) + int(b) == 200
    assert acknowledged <= int(b) - 100 <= acknowledged + unknown
    assert list(audit(store, "demo")) == []
    store.close()
