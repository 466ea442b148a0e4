"""DROP TABLE, UNDROP TABLE and DROP INDEX: what stays, what is refused, and who conflicts with whom."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

import pytest

from ledger import ion
from ledger.errors import (
    BadRequestException,
    CapacityExceededException,
    LimitExceededException,
    OccConflictException,
)
from ledger.ledger import Ledger
from ledger.limits import Limits
from tests.ledger.support import Client

CATALOG = "SELECT t.tableId, t.status FROM information_schema.user_tables AS t WHERE t.name = 'T'"


def id_of(client, name="T"):
    (row,) = client.run(
        "SELECT VALUE tableId FROM information_schema.user_tables WHERE name = ? AND status = 'ACTIVE'", name
    )
    return str(ion.parse(row))


def index_of(client, name="T"):
    (row,) = client.run("SELECT VALUE indexes[0].indexId FROM information_schema.user_tables WHERE name = ?", name)
    return str(ion.parse(row))


def drop_index(session, index_id, name="T"):
    return session.run(f'DROP INDEX "{index_id}" ON {name} WITH (purge = true)')


def test_a_dropped_table_is_gone_by_name_and_keeps_its_history_by_id(client):
    client.run("INSERT INTO T ?", {"k": 1})
    table_id = id_of(client)
    assert client.run("DROP TABLE T") == [f'{{tableId:"{table_id}"}}']
    for statement in ("SELECT * FROM T", "INSERT INTO T ?", "SELECT * FROM history(T)", "DROP TABLE T"):
        parameters = [{"k": 2}] if "?" in statement else []
        with pytest.raises(BadRequestException, match="No such variable named 'T'") as raised:
            client.run(statement, *parameters)
        assert raised.value.code == "432"
    assert client.run(f"SELECT VALUE h.data.k FROM history('{table_id}') AS h") == ["1"]
    assert client.run(CATALOG) == [f'{{tableId:"{table_id}",status:"INACTIVE"}}']
    assert client.findings() == []


def test_an_undropped_table_has_its_documents_and_its_index_again(client):
    client.run("INSERT INTO T << ?, ? >>", {"k": 1}, {"k": 2})
    table_id = id_of(client)
    client.run("DROP TABLE T")
    assert client.run(f'UNDROP TABLE "{table_id}"') == [f'{{tableId:"{table_id}"}}']
    lookup = client.begin()
    assert lookup.run("SELECT VALUE k FROM T WHERE k = 2") == ["2"]
    assert lookup.execute("SELECT VALUE k FROM T WHERE k = 1")["ConsumedIOs"]["ReadIOs"] <= 3
    client.run("INSERT INTO T ?", {"k": 3})
    assert client.findings() == []


def test_undropping_beside_an_active_table_of_the_name_is_refused(client):
    table_id = id_of(client)
    client.run("DROP TABLE T")
    client.run("CREATE TABLE T")
    with pytest.raises(BadRequestException, match=r"^Table with name: USER\.T already exists$") as raised:
        client.run(f'UNDROP TABLE "{table_id}"')
    assert raised.value.code == "412"
    assert len(client.run(CATALOG)) == 2


@pytest.mark.parametrize("table_id", ["nothing", "0123456789012345678901"])
def test_undropping_what_is_not_a_dropped_table_is_refused(client, table_id):
    with pytest.raises(BadRequestException, match=f"No inactive table with id: {table_id}"):
        client.run(f'UNDROP TABLE "{table_id}"')
    active = id_of(client)
    with pytest.raises(BadRequestException, match=f"No inactive table with id: {active}"):
        client.run(f'UNDROP TABLE "{active}"')


def test_a_table_may_be_created_filled_dropped_and_undropped_in_one_transaction(client):
    session = client.begin()
    table_id = ion.parse(session.run("CREATE TABLE U")[0])["tableId"]
    session.run("INSERT INTO U ?", {"n": 1})
    session.run("DROP TABLE U")
    session.run(f'UNDROP TABLE "{table_id}"')
    session.commit()
    assert client.run("SELECT VALUE n FROM U") == ["1"]
    assert client.findings() == []


def test_the_numbers_of_active_and_of_all_tables_are_limited(local_ledger):
    client = Client(Ledger(local_ledger.store, "demo", limits=Limits(active_tables=2, total_tables=3)))
    client.run("CREATE TABLE A")
    client.run("CREATE TABLE B")
    with pytest.raises(LimitExceededException, match="2 active tables"):
        client.run("CREATE TABLE C")
    dropped = id_of(client, "A")
    client.run("DROP TABLE A")
    client.run("CREATE TABLE C")
    with pytest.raises(LimitExceededException, match="2 active tables"):
        client.run(f'UNDROP TABLE "{dropped}"')
    client.run("DROP TABLE C")
    with pytest.raises(LimitExceededException, match="3 tables, dropped ones included"):
        client.run("CREATE TABLE D")


def test_a_writer_that_does_not_know_of_the_drop_conflicts(client):
    writer, reader = client.begin(), client.begin()
    writer.run("INSERT INTO T ?", {"k": 1})
    reader.run("SELECT * FROM T WHERE k = 1")
    Client(Ledger(client.ledger.store, "demo")).run("DROP TABLE T")
    for session in (writer, reader):
        with pytest.raises(OccConflictException):
            session.commit()
    assert client.findings() == []


def test_a_drop_conflicts_with_another_definition_and_not_with_a_write_before_it(client):
    first, second = client.begin(), client.begin()
    first.run("DROP TABLE T")
    second.run("CREATE TABLE U")
    client.run("INSERT INTO T ?", {"k": 1})
    first.commit()
    with pytest.raises(OccConflictException):
        second.commit()
    assert client.findings() == []


def test_a_failed_definition_leaves_the_transaction_as_it_was(client):
    session = client.begin()
    session.run("INSERT INTO T ?", {"k": 1})
    with pytest.raises(BadRequestException):
        drop_index(session, "nothing")
    with pytest.raises(BadRequestException):
        session.run("CREATE TABLE T")
    session.commit()
    assert client.run("SELECT VALUE k FROM T") == ["1"]


def test_a_dropped_index_is_not_used_any_more_and_can_be_made_again(client):
    client.run("INSERT INTO T << ?, ? >>", {"k": 1}, {"k": 2})
    assert drop_index(client, index_of(client)) == [f'{{tableId:"{id_of(client)}"}}']
    assert client.run("SELECT VALUE indexes FROM information_schema.user_tables WHERE name = 'T'") == ["[]"]
    client.run("UPDATE T SET k = 3 WHERE k = 2")
    client.run("DELETE FROM T WHERE k = 1")
    client.run("INSERT INTO T ?", {"k": 4})
    client.run("CREATE INDEX ON T (k)")
    client.ledger.complete_indexes()
    assert sorted(client.run("SELECT VALUE k FROM T WHERE k IN (1, 2, 3, 4)")) == ["3", "4"]
    assert client.findings() == []


@pytest.mark.parametrize("index_id", ["nothing", "0123456789012345678901"])
def test_dropping_an_index_that_the_table_does_not_have_is_refused(client, index_id):
    with pytest.raises(BadRequestException, match=rf"No index with id: {index_id} on table: USER\.T"):
        drop_index(client, index_id)


def test_an_index_of_another_table_is_not_dropped(client):
    client.run("CREATE TABLE U")
    with pytest.raises(BadRequestException, match=r"on table: USER\.U"):
        drop_index(client, index_of(client), "U")


def test_a_lookup_in_an_index_that_was_dropped_since_cannot_miss_who_joined(client):
    checker = client.begin()
    assert checker.run("SELECT * FROM T WHERE k = 1") == []
    other = Client(Ledger(client.ledger.store, "demo"))
    drop_index(other, index_of(other))
    other.run("INSERT INTO T ?", {"k": 1})
    with pytest.raises(OccConflictException):
        checker.run("CREATE TABLE U")
    checker.run("INSERT INTO T ?", {"k": 1})
    with pytest.raises(OccConflictException):
        checker.commit()
    assert client.run("SELECT COUNT(*) FROM T") == ["{_1:1}"]


def test_writers_go_on_while_an_index_is_dropped(client):
    client.run("INSERT INTO T ?", {"k": 1, "n": 0})
    writer = client.begin()
    writer.run("UPDATE T SET n = 1 WHERE k = 1")
    other = Client(Ledger(client.ledger.store, "demo"))
    drop_index(other, index_of(other))
    with pytest.raises(OccConflictException):
        writer.commit()
    client.run("UPDATE T SET n = 2 WHERE k = 1")
    assert client.run("SELECT VALUE n FROM T") == ["2"]
    assert client.findings() == []


def test_tags_are_kept_and_journalled(client):
    client.run("CREATE TABLE U WITH (aws_tags = `{team: \"money\", 'stage': prod}`)")
    catalog = client.ledger.load_catalog(fresh=True).catalog
    assert dict(catalog.active("U").tags) == {"team": "money", "stage": "prod"}
    assert client.run("SELECT * FROM information_schema.user_tables WHERE name = 'U'") == [
        f'{{tableId:"{id_of(client, "U")}",name:"U",indexes:[],status:"ACTIVE"}}'
    ]
    client.run("DROP TABLE U")
    assert client.findings() == []


def test_writers_readers_and_definitions_at_once_lose_nothing_and_break_nothing(ledger):
    client = Client(ledger)
    client.run("CREATE TABLE T")
    client.run("CREATE INDEX ON T (k)")
    stop = threading.Event()
    inserted = []

    def write(writer):
        own = Client(Ledger(ledger.store, "demo"))
        for number in count():
            if stop.is_set():
                return
            with suppress(OccConflictException, BadRequestException, CapacityExceededException):
                own.run("INSERT INTO T ?", {"k": number % 3, "m": writer, "n": number})
                inserted.append((writer, number))
            with suppress(OccConflictException, BadRequestException, CapacityExceededException):
                # One document, since all that conflicts left behind may come to more than a transaction takes.
                move = "UPDATE T SET k = ? WHERE k = ? AND m = ? AND n = ?"
                own.run(move, 3 + number % 2, number % 3, writer, number)

    def define():
        own = Client(Ledger(ledger.store, "demo", work_in_background=False))
        table_id = id_of(own)
        for number in range(8):
            statement = (
                "CREATE INDEX ON T (m)",
                "DROP TABLE T",
                f'UNDROP TABLE "{table_id}"',
                f'DROP INDEX "{newest_index(own)}" ON T WITH (purge = true)',
            )[number % 4]
            for _ in range(200):
                try:
                    own.run(statement)
                    break
                except (OccConflictException, CapacityExceededException):
                    continue
            else:
                raise AssertionError(statement)

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, writer) for writer in range(2)]
        try:
            pool.submit(define).result()
        finally:
            stop.set()
        for writer in writers:
            writer.result()
    client = Client(Ledger(ledger.store, "demo"))
    client.ledger.complete_indexes()
    rows = client.run("SELECT t.m, t.n FROM T AS t")
    assert sorted(rows) == sorted(f"{{m:{writer},n:{number}}}" for writer, number in inserted)
    for value in range(5):
        looked_up = client.run("SELECT t.m, t.n FROM T AS t WHERE t.k = ?", value)
        scanned = client.run("SELECT t.m, t.n FROM T AS t WHERE t.k BETWEEN ? AND ?", value, value)
        assert sorted(looked_up) == sorted(scanned)
    assert client.findings() == []


def newest_index(client):
    rows = client.run("SELECT VALUE indexes FROM information_schema.user_tables WHERE name = 'T'")
    return str(ion.parse(rows[0])[-1]["indexId"])
