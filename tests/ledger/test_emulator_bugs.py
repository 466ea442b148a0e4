"""What emulators of QLDB got wrong, by the issues their users filed, run through the official driver.

The numbers are those of github.com/localstack/localstack/issues.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from amazon.ion.core import IonType
from amazon.ion.simpleion import dumps, loads

from ledger import clock
from ledger.ids import is_id


def run(driver, statement, *parameters):
    return driver.execute_lambda(lambda txn: list(txn.execute_statement(statement, *parameters)))


@pytest.fixture
def cars(driver):
    """A driver with a table of two cars."""
    run(driver, "CREATE TABLE Cars")
    run(driver, "CREATE INDEX ON Cars (vin)")
    run(driver, "INSERT INTO Cars ?", [{"vin": "A", "km": 1}, {"vin": "B", "km": 2}])
    return driver


def id_of(driver, vin):
    (row,) = run(driver, "SELECT metadata.id FROM _ql_committed_Cars WHERE data.vin = ?", vin)
    return row["id"]


def test_7300_committed_views_show_where_how_and_when_a_document_was_written(cars):
    rows = run(cars, "SELECT * FROM _ql_committed_Cars")
    assert sorted(row["data"]["vin"] for row in rows) == ["A", "B"]
    for row in rows:
        assert set(row) == {"blockAddress", "hash", "data", "metadata"}
        assert set(row["metadata"]) == {"id", "version", "txTime", "txId"}
        assert set(row["blockAddress"]) == {"strandId", "sequenceNo"}
        assert len(row["hash"]) == 32


def test_3109_history_filters_by_document_id(cars):
    run(cars, "UPDATE Cars SET km = 3 WHERE vin = 'A'")
    rows = run(cars, "SELECT * FROM history(Cars) AS a WHERE a.metadata.id = ?", id_of(cars, "A"))
    assert [(row["metadata"]["version"], row["data"]["km"]) for row in rows] == [(0, 1), (1, 3)]


def test_3109_a_document_is_selected_by_its_id(cars):
    (row,) = run(cars, "SELECT * FROM Cars BY pid WHERE pid = ?", id_of(cars, "B"))
    assert (row["vin"], row["pid"]) == ("B", id_of(cars, "B"))


def test_3109_and_3148_an_update_by_id_replaces_the_whole_document(cars):
    document_id = id_of(cars, "A")
    assert run(cars, "UPDATE Cars AS a BY pid SET a = {} WHERE pid = ?", document_id) == [{"documentId": document_id}]
    assert run(cars, "SELECT VALUE a FROM Cars AS a BY pid WHERE pid = ?", document_id) == [{}]
    assert run(cars, "UPDATE Cars AS a BY pid SET a = ? WHERE pid = ?", {"vin": "C"}, document_id)
    assert run(cars, "SELECT VALUE a FROM Cars AS a WHERE a.vin = 'C'") == [{"vin": "C"}]


def test_9531_history_takes_a_start_and_an_end(cars, ledger, monkeypatch):
    document_id = id_of(cars, "A")
    statement = "SELECT VALUE metadata.txTime FROM history(Cars) AS h WHERE h.metadata.id = ?"
    (inserted,) = run(cars, statement, document_id)
    passed = count(10, 10)
    monkeypatch.setattr(ledger, "clock", lambda: clock.milliseconds(inserted) + timedelta(milliseconds=next(passed)))
    run(cars, "UPDATE Cars SET km = 3 WHERE vin = 'A'")
    run(cars, "UPDATE Cars SET km = 4 WHERE vin = 'A'")
    first, second, third = run(cars, statement, document_id)

    def versions(*bounds):
        arguments = "".join(", ?" for _ in bounds)
        found = f"SELECT VALUE h.metadata.version FROM history(Cars{arguments}) AS h WHERE h.metadata.id = ?"
        return [int(version) for version in run(cars, found, *bounds, document_id)]

    assert versions(first) == [0, 1, 2]
    assert versions(second) == [1, 2]
    assert versions(second - timedelta(milliseconds=1), second) == [0, 1]
    assert versions(third, third) == [2]
    assert versions(first - timedelta(days=1), first - timedelta(milliseconds=1)) == []
    literal = f"`{second.astimezone(UTC).isoformat(timespec='milliseconds')}`"
    (row,) = run(cars, f"SELECT VALUE COUNT(*) FROM history(Cars, {literal}, {literal}) AS h WHERE h.data.vin = 'A'")
    assert row == 1


def test_2693_an_insert_returns_the_id_of_each_document(cars):
    rows = run(cars, "INSERT INTO Cars << ?, ? >>", {"vin": "C"}, {"vin": "D"})
    assert [row["documentId"] for row in rows] == [id_of(cars, "C"), id_of(cars, "D")]


def test_3161_ids_have_22_characters_of_base62(cars):
    (table,) = run(cars, "SELECT * FROM information_schema.user_tables")
    (committed,) = run(cars, "SELECT * FROM _ql_committed_Cars WHERE data.vin = 'A'")
    ids = [
        table["tableId"],
        table["indexes"][0]["indexId"],
        committed["metadata"]["id"],
        committed["metadata"]["txId"],
        committed["blockAddress"]["strandId"],
        *run(cars, "SELECT VALUE TXID() FROM << 0 >>"),
    ]
    assert all(is_id(found) for found in ids)
    assert len(set(ids)) == len(ids)


def test_8079_timestamps_between_backticks_compare_with_stored_ones(cars):
    statement = "SELECT SUM(data.km) AS total FROM _ql_committed_Cars WHERE metadata.txTime >= `2020-01-01T00:00:00Z`"
    assert run(cars, statement) == [{"total": 3}]
    (nothing,) = run(cars, statement.replace(">=", "<"))
    assert nothing["total"].ion_type is IonType.NULL
    run(cars, "INSERT INTO Cars ?", {"vin": "T", "seen": datetime(2021, 5, 6, 7, 8, 9, tzinfo=UTC)})
    between = "seen BETWEEN `2021-05-06T` AND `2021-05-06T08:08:09+01:00`"
    assert run(cars, f"SELECT VALUE vin FROM Cars WHERE {between}") == ["T"]


def test_4383_each_value_is_one_ion_value(cars):
    rows = run(cars, "SELECT VALUE v FROM ? AS v", [1, "a", [1, 2], {"a": {"b": []}}, Decimal("1.50")])
    assert rows == [1, "a", [1, 2], {"a": {"b": []}}, Decimal("1.50")]
    for row in rows:
        assert loads(dumps(row, binary=True)) == row


COMPLEX = """
    note::{
        id: "x", nothing: null, typed: [null.int, null.string, null.struct, null.timestamp, null.blob],
        big: 1234567890123456789012, money: 1.500, float: 1.5e0, symbol: 'a b', annotated: a::b::c,
        when: 2020-01-02T03:04:05.678-08:00, day: 2020-01-02T, blob: {{aGVsbG8=}}, clob: {{"text"}},
        sexp: (a + (b [c])), deep: [[[{a: [{b: {}}]}]]], 'odd name\\n': "line\\nbreak", dup: 1, dup: 2,
        unicode: "h\\u00e9\\U0001F600", empty: '', list: [], truth: true
    }
"""


def test_2739_a_complex_document_comes_back_as_it_was(cars):
    document = loads(COMPLEX)
    run(cars, "INSERT INTO Cars ?", document)
    for statement in ("SELECT VALUE c FROM Cars AS c WHERE c.id = 'x'", "SELECT * FROM Cars WHERE id = 'x'"):
        (found,) = run(cars, statement)
        assert dumps(found, binary=False) == dumps(document, binary=False)
    (found,) = run(cars, "SELECT VALUE data FROM _ql_committed_Cars WHERE data.id = 'x'")
    assert dumps(found, binary=True) == dumps(document, binary=True)
