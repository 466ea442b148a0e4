"""history() through a session: its time arguments, and how little of the journal it reads."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from ledger import ion
from ledger.errors import BadRequestException
from ledger.ledger import Ledger
from tests.ledger.support import Client


@pytest.fixture
def timed(local_ledger):
    """A document D, made at second 10 of 2024, changed at 20, 30 and 40, and deleted at 50; it is second 60 now."""
    moment = [10]
    start = datetime(2024, 1, 1, tzinfo=UTC)
    client = Client(Ledger(local_ledger.store, "demo", clock=lambda: start + timedelta(seconds=moment[0])))
    client.run("CREATE TABLE T")
    client.run("INSERT INTO T ?", {"n": 0})
    for number, second in enumerate((20, 30, 40), 1):
        moment[0] = second
        client.run("UPDATE T SET n = ?", number)
    moment[0] = 50
    client.run("DELETE FROM T")
    moment[0] = 60
    return client


def at(second):
    return f"`2024-01-01T00:{int(second) // 60:02d}:{second % 60:06.3f}Z`"


def versions(client, *arguments, where=""):
    statement = f"SELECT VALUE h.metadata.version FROM history({', '.join(('T', *arguments))}) AS h {where}"
    return [int(row) for row in client.run(statement)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), [0, 1, 2, 3, 4]),
        ((at(0), at(9)), []),
        ((at(0), at(10)), [0]),
        ((at(10), at(10)), [0]),
        ((at(12), at(15)), [0]),
        ((at(12), at(20)), [0, 1]),
        ((at(20), at(20)), [1]),
        ((at(20.001), at(29.999)), [1]),
        ((at(25), at(35)), [1, 2]),
        ((at(25),), [1, 2, 3, 4]),
        ((at(45), at(49)), [3]),
        ((at(45), at(50)), [3, 4]),
        ((at(60),), [4]),
        ((at(0), at(60)), [0, 1, 2, 3, 4]),
        (("`2024T`", "`2024-01-01T00:00:25+00:00`"), [0, 1]),
        (("`2024-01-01T01:00:25+01:00`", "`2023-12-31T19:00:25-05:00`"), [1]),
    ],
)
def test_history_gives_what_was_active_from_start_to_end(timed, arguments, expected):
    assert versions(timed, *arguments) == expected


@pytest.mark.parametrize("arguments", [(at(30), at(20)), (at(61),), (at(0), at(60.001)), (at(61), at(62))])
def test_a_range_that_ends_before_it_starts_or_in_the_future_is_refused(timed, arguments):
    with pytest.raises(BadRequestException, match=r"(start|end) of history\(\) lies"):
        versions(timed, *arguments)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("h.metadata.version = 2", [2]),
        ("h.metadata.version IN (1, 3, 99, -1, null, 2.5, 'x')", [1, 3]),
        ("h.metadata.version BETWEEN 1 AND 2", [1, 2]),
        ("h.metadata.version >= 3", [3, 4]),
        ("h.metadata.version > 1.5 AND 3.5 > h.metadata.version", [2, 3]),
        ("h.metadata.version < 1", [0]),
        ("h.metadata.version < `1d999999999` AND h.metadata.version > `-1d999999999`", [0, 1, 2, 3, 4]),
        ("h.metadata.version > 'x'", []),
        ("h.metadata.version = null", []),
        ("h.metadata.version IN (0, 1, 2) AND h.metadata.version IN (1, 2, 3) AND h.metadata.version < 2", [1]),
        ("h.metadata.version <> 2", [0, 1, 3, 4]),
        ("h.metadata.version = 0 OR h.metadata.version = 4", [0, 4]),
    ],
)
def test_conditions_on_the_version_select_the_same_with_and_without_the_document_id(timed, where, expected):
    (document_id,) = {ion.parse(row) for row in timed.run("SELECT VALUE h.metadata.id FROM history(T) AS h")}
    assert versions(timed, where=f"WHERE {where}") == expected
    assert versions(timed, where=f"WHERE h.metadata.id = '{document_id}' AND {where}") == expected
    within = f"WHERE h.metadata.id = '{document_id}' AND {where}"
    assert versions(timed, at(0), at(35), where=within) == [version for version in expected if version <= 2]


def test_a_page_of_a_long_history_reads_its_own_revisions_only(client):
    client.run("INSERT INTO T ?", {"k": 1, "n": 0})
    for number in range(1, 61):
        client.run("UPDATE T SET n = ? WHERE k = 1", number)
    (document_id,) = client.run("SELECT VALUE c.metadata.id FROM _ql_committed_T AS c WHERE c.data.k = 1")
    document_id = ion.parse(document_id)
    pages = {
        "h.metadata.version IN ?": [*range(30, 40)],
        "h.metadata.version >= 30 AND h.metadata.version <= ?": 39,
        "h.metadata.version BETWEEN 30 AND ?": 39,
    }
    for condition, parameter in pages.items():
        session = client.begin()
        statement = f"SELECT VALUE h.data.n FROM history(T) AS h WHERE h.metadata.id = ? AND {condition}"
        result = session.execute(statement, document_id, parameter)
        assert len(result["FirstPage"]["Values"]) == 10
        assert result["ConsumedIOs"]["ReadIOs"] == 1 + 10 + 10, condition


def test_history_streams_from_the_oldest_revision_on(local_client):
    local_client.run("INSERT INTO T ?", {"k": 1, "n": 0})
    for number in range(1, 61):
        local_client.run("UPDATE T SET n = ? WHERE k = 1", number)
    transaction = local_client.ledger.begin()
    document = next(transaction.table("T").scan())
    before = local_client.ledger.store.reads
    rows = transaction.table("T").history(document.document_id, None, None)
    assert [next(rows).version for _ in range(5)] == [0, 1, 2, 3, 4]
    assert local_client.ledger.store.reads - before <= 1 + 25 + 25


def test_counting_a_table_neither_parses_its_documents_nor_keeps_them(local_client, monkeypatch):
    for start in range(0, 80, 40):
        local_client.run("INSERT INTO T ?", [{"k": start + number} for number in range(40)])
    parsed = count()
    loads = ion.loads

    def counted(data):
        next(parsed)
        return loads(data)

    session = local_client.begin()
    with monkeypatch.context() as watched:
        watched.setattr(ion, "loads", counted)
        result = session.execute("SELECT COUNT(*) FROM T AS t BY id")
    assert ion.text(loads(result["FirstPage"]["Values"][0]["IonBinary"])) == "{_1:80}"
    assert next(parsed) == 0
