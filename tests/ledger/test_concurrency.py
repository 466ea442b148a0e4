"""Which concurrent transactions conflict and which do not (QLDB guide, "Concurrency model")."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pyqldb.config.retry_config import RetryConfig

from ledger.driver import driver_of
from ledger.errors import OccConflictException
from ledger.ledger import Ledger

PATIENT = RetryConfig(retry_limit=200, base=5)


def two(client):
    return client.begin(), client.begin()


def test_two_scans_followed_by_inserts_conflict(client):
    first, second = two(client)
    for session in (first, second):
        session.run("SELECT * FROM T")
        session.run("INSERT INTO T ?", {"k": 1})
    first.commit()
    with pytest.raises(OccConflictException, match="Optimistic concurrency control"):
        second.commit()
    assert client.run("SELECT COUNT(*) FROM T") == ["{_1:1}"]


def test_indexed_lookups_of_different_values_followed_by_inserts_both_commit(client):
    first, second = two(client)
    for value, session in enumerate((first, second)):
        assert session.run("SELECT * FROM T WHERE k = ?", value) == []
        session.run("INSERT INTO T ?", {"k": value})
    first.commit()
    second.commit()
    assert client.run("SELECT COUNT(*) FROM T") == ["{_1:2}"]
    assert client.findings() == []


def test_check_then_insert_of_the_same_indexed_value_is_unique(client):
    first, second = two(client)
    for session in (first, second):
        assert session.run("SELECT * FROM T WHERE k = 1") == []
        session.run("INSERT INTO T ?", {"k": 1})
    first.commit()
    with pytest.raises(OccConflictException):
        second.commit()
    assert client.run("SELECT COUNT(*) FROM T WHERE k = 1") == ["{_1:1}"]


def test_inserts_of_the_same_indexed_value_that_nobody_looked_up_both_commit(client):
    first, second = two(client)
    for session in (first, second):
        session.run("INSERT INTO T ?", {"k": 1})
    first.commit()
    second.commit()
    assert client.run("SELECT COUNT(*) FROM T WHERE k = 1") == ["{_1:2}"]
    assert client.findings() == []


def test_updates_of_the_same_document_conflict(client):
    client.run("INSERT INTO T ?", {"k": 1, "n": 0})
    first, second = two(client)
    for session in (first, second):
        session.run("UPDATE T SET n = n + 1 WHERE k = 1")
    first.commit()
    with pytest.raises(OccConflictException):
        second.commit()
    assert client.run("SELECT VALUE n FROM T") == ["1"]


def test_updates_of_different_documents_both_commit(client):
    client.run("INSERT INTO T << ?, ? >>", {"k": 1, "n": 0}, {"k": 2, "n": 0})
    first, second = two(client)
    first.run("UPDATE T SET n = 1 WHERE k = 1")
    second.run("UPDATE T SET n = 2 WHERE k = 2")
    first.commit()
    second.commit()
    assert sorted(client.run("SELECT VALUE n FROM T")) == ["1", "2"]


def test_a_reader_of_a_document_conflicts_with_its_writer(client):
    client.run("INSERT INTO T << ?, ? >>", {"k": 1, "n": 0}, {"k": 2, "n": 0})
    first, second = two(client)
    first.run("SELECT * FROM T WHERE k = 1")
    first.run("UPDATE T SET n = 1 WHERE k = 2")
    second.run("UPDATE T SET n = 1 WHERE k = 1")
    second.commit()
    with pytest.raises(OccConflictException):
        first.commit()


def test_a_reading_transaction_that_saw_two_moments_conflicts(client):
    client.run("INSERT INTO T << ?, ? >>", {"k": 1, "n": 0}, {"k": 2, "n": 0})
    reader = client.begin()
    reader.run("SELECT * FROM T WHERE k = 1")
    writer = client.begin()
    writer.run("UPDATE T SET n = 1 WHERE k = 1")
    writer.run("UPDATE T SET n = 1 WHERE k = 2")
    writer.commit()
    assert reader.run("SELECT VALUE n FROM T WHERE k = 2") == ["1"]
    with pytest.raises(OccConflictException):
        reader.commit()


def test_reading_transactions_do_not_conflict_with_each_other(client):
    client.run("INSERT INTO T ?", {"k": 1})
    first, second = two(client)
    for session in (first, second):
        session.run("SELECT * FROM T")
    first.commit()
    second.commit()


def test_a_scan_conflicts_with_a_change_of_its_table_only(client):
    client.run("CREATE TABLE Other")
    client.run("INSERT INTO T ?", {"k": 1})
    scanner, other = two(client)
    scanner.run("SELECT * FROM T WHERE missing_field = 1")
    scanner.run("INSERT INTO T ?", {"k": 2})
    other.run("INSERT INTO Other ?", {"a": 1})
    other.commit()
    scanner.commit()
    assert client.run("SELECT COUNT(*) FROM T") == ["{_1:2}"]
    assert client.findings() == []


def test_a_reading_scan_conflicts_with_a_change_of_its_table_but_not_of_another(client):
    client.run("CREATE TABLE Other")
    scanner, unaffected = two(client)
    scanner.run("SELECT * FROM T")
    unaffected.run("SELECT * FROM Other")
    client.run("INSERT INTO T ?", {"k": 1})
    unaffected.commit()
    with pytest.raises(OccConflictException):
        scanner.commit()


def test_a_document_that_leaves_a_looked_up_value_is_a_conflict(client):
    client.run("INSERT INTO T ?", {"k": 1})
    reader = client.begin()
    assert len(reader.run("SELECT * FROM T WHERE k = 1")) == 1
    reader.run("INSERT INTO T ?", {"k": 9})
    client.run("UPDATE T SET k = 2 WHERE k = 1")
    with pytest.raises(OccConflictException):
        reader.commit()


def test_a_deleted_document_cannot_be_updated_by_who_read_it_before(client):
    client.run("INSERT INTO T ?", {"k": 1})
    late = client.begin()
    late.run("UPDATE T SET n = 1 WHERE k = 1")
    client.run("DELETE FROM T WHERE k = 1")
    with pytest.raises(OccConflictException):
        late.commit()
    assert client.run("SELECT * FROM T") == []
    assert client.findings() == []


def test_a_writer_that_does_not_know_a_new_index_conflicts_and_leaves_no_document_out(client):
    late = client.begin()
    late.run("INSERT INTO T ?", {"k": 1, "m": 7})
    client.run("CREATE INDEX ON T (m)")
    with pytest.raises(OccConflictException):
        late.commit()
    client.run("INSERT INTO T ?", {"k": 1, "m": 7})
    assert client.run("SELECT VALUE k FROM T WHERE m = 7") == ["1"]
    assert client.findings() == []


def test_a_writer_in_another_process_hears_of_a_new_index(client):
    elsewhere = type(client)(Ledger(client.ledger.store, "demo"))
    elsewhere.run("INSERT INTO T ?", {"k": 1, "m": 6})
    client.run("CREATE INDEX ON T (m)")
    late = elsewhere.begin()
    late.run("INSERT INTO T ?", {"k": 2, "m": 7})
    with pytest.raises(OccConflictException):
        late.commit()
    elsewhere.run("INSERT INTO T ?", {"k": 2, "m": 7})
    assert client.run("SELECT VALUE k FROM T WHERE m = 7") == ["2"]
    assert client.run("SELECT VALUE k FROM T WHERE m = 6") == ["1"]
    assert client.findings() == []


def test_a_table_created_twice_at_the_same_time_exists_once(client):
    first, second = two(client)
    for session in (first, second):
        session.run("CREATE TABLE New")
    first.commit()
    with pytest.raises(OccConflictException):
        second.commit()
    assert client.run("SELECT VALUE name FROM information_schema.user_tables WHERE name = 'New'") == ['"New"']
    assert client.findings() == []


@pytest.mark.parametrize("count", [41, 90])
def test_a_lookup_of_many_documents_is_relied_on_as_a_whole(local_client, count):
    documents = [{"k": 1, "n": n} for n in range(count)]
    for start in range(0, count, 30):
        local_client.run("INSERT INTO T ?", documents[start : start + 30])
    reader = local_client.begin()
    assert len(reader.run("SELECT * FROM T WHERE k = 1")) == count
    reader.run("INSERT INTO T ?", {"k": 2})
    local_client.run("UPDATE T SET n = -1 WHERE k = 1 AND n = 5")
    with pytest.raises(OccConflictException):
        reader.commit()


def test_increments_by_eight_threads_are_all_counted(client):
    client.run("INSERT INTO T ?", {"k": 1, "n": 0})
    each = 5

    def increment(_):
        with driver_of(client.ledger) as driver:
            for _ in range(each):
                driver.execute_lambda(lambda txn: txn.execute_statement("UPDATE T SET n = n + 1 WHERE k = 1"), PATIENT)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(8)))
    assert client.run("SELECT VALUE n FROM T") == [str(8 * each)]
    assert client.findings() == []


def test_inserts_by_eight_threads_share_strands_without_conflict(client):
    barrier = threading.Barrier(8)

    def insert(worker):
        barrier.wait()
        for number in range(5):
            client.run("INSERT INTO T ?", {"k": worker, "n": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(insert, range(8)))
    assert client.run("SELECT COUNT(*) FROM T") == ["{_1:40}"]
    assert client.findings() == []
