"""A walk through QLDB's statements on one table, each with exactly the rows or the error that QLDB's users know."""

import pytest

from ledger import ion
from ledger.errors import BadRequestException, OccConflictException
from tests.ledger.support import Client


@pytest.fixture
def people(ledger):
    """Sessions on a ledger with a table Person, indexed on GovId, and the document D of A in it."""
    client = Client(ledger)
    client.run("CREATE TABLE Person")
    client.run("CREATE INDEX ON Person (GovId)")
    client.run("INSERT INTO Person ?", {"GovId": "A", "n": 1})
    return client


@pytest.fixture
def local_people(local_ledger):
    client = Client(local_ledger)
    client.run("CREATE TABLE Person")
    return client


def only(rows):
    (row,) = rows
    return ion.parse(row)


def document_id(people):
    return only(people.run("SELECT VALUE metadata.id FROM _ql_committed_Person WHERE data.GovId = 'A'"))


def table_id(people):
    return only(people.run("SELECT VALUE tableId FROM information_schema.user_tables WHERE name = 'Person'"))


def refused(people, statement, *parameters):
    with pytest.raises(BadRequestException) as raised:
        people.run(statement, *parameters)
    return raised.value.code, raised.value.message


def test_creating_a_table_twice_is_refused_with_412(people):
    assert refused(people, "CREATE TABLE Person") == ("412", "Table with name: USER.Person already exists")


def test_the_catalog_shows_the_index(people):
    row = only(people.run("SELECT VALUE indexes[0] FROM information_schema.user_tables WHERE status = 'ACTIVE'"))
    assert set(row) == {"indexId", "expr", "status"}
    assert (row["expr"], row["status"]) == ("[GovId]", "ONLINE")


def test_inserts_give_document_ids_and_counts_go_by_position(people):
    rows = people.run("INSERT INTO Person << ?, ? >>", {"GovId": "B"}, {"GovId": "C"})
    assert [list(ion.parse(row)) for row in rows] == [["documentId"], ["documentId"]]
    assert people.run("SELECT VALUE n FROM Person WHERE GovId = ?", "A") == ["1"]
    assert people.run("SELECT COUNT(*) FROM Person") == ["{_1:3}"]


def test_by_binds_the_document_id(people):
    d = document_id(people)
    row = f'{{pid:"{d}",n:1}}'
    assert people.run(f"SELECT pid, p.n FROM Person AS p BY pid WHERE pid = '{d}'") == [row]


def test_updates_and_edits_make_revisions_that_history_shows(people):
    d = document_id(people)
    done = [f'{{documentId:"{d}"}}']
    statements = [
        ("UPDATE Person AS p BY pid SET p = ? WHERE pid = ?", {"GovId": "A", "x": 1}, d),
        ("UPDATE Person AS p SET p.tags = ['x'] WHERE p.GovId = 'A'",),
        ("FROM Person AS p WHERE p.GovId = 'A' INSERT INTO p.tags VALUE 'y'",),
        ("FROM Person AS p WHERE p.GovId = 'A' INSERT INTO p VALUE 5 AT 'k'",),
        ("FROM Person AS p WHERE p.GovId = 'A' REMOVE p.k",),
        ("DELETE FROM Person WHERE GovId = 'A'",),
    ]
    assert [people.run(*statement) for statement in statements] == [done] * 6
    history = f"SELECT h.metadata.version, h.data FROM history(Person) AS h WHERE h.metadata.id = '{d}'"
    assert people.run(history) == [
        '{version:0,data:{GovId:"A",n:1}}',
        '{version:1,data:{GovId:"A",x:1}}',
        '{version:2,data:{GovId:"A",x:1,tags:["x"]}}',
        '{version:3,data:{GovId:"A",x:1,tags:["x","y"]}}',
        '{version:4,data:{GovId:"A",x:1,tags:["x","y"],k:5}}',
        '{version:5,data:{GovId:"A",x:1,tags:["x","y"]}}',
        "{version:6}",
    ]
    assert people.run("SELECT * FROM _ql_committed_Person") == []
    assert people.findings() == []


def test_an_index_is_dropped_only_with_purge_in_lower_case(people):
    index_id = only(people.run("SELECT VALUE indexes[0].indexId FROM information_schema.user_tables"))
    code, message = refused(people, f'DROP INDEX "{index_id}" ON Person WITH (PURGE = true)')
    assert (code, message.splitlines()[0]) == (None, "Unsupported PartiQL Statement, Errors at:")
    t = table_id(people)
    assert people.run(f'DROP INDEX "{index_id}" ON Person WITH (purge = true)') == [f'{{tableId:"{t}"}}']


def test_a_dropped_table_is_no_variable_until_it_is_undropped(people):
    t = table_id(people)
    assert people.run("DROP TABLE Person") == [f'{{tableId:"{t}"}}']
    assert "No such variable named 'Person'" in refused(people, "SELECT * FROM Person")[1]
    assert people.run(f"SELECT VALUE data.n FROM history('{t}')") == ["1"]
    assert people.run(f'UNDROP TABLE "{t}"') == [f'{{tableId:"{t}"}}']
    assert people.run("SELECT VALUE n FROM Person") == ["1"]


def test_errors_have_the_texts_that_programs_match(people):
    unsupported = "Unsupported PartiQL Statement, Errors at:\nline 1, column 1"
    assert refused(people, "Person") == (None, unsupported)
    complaint = "No such variable named 'Nope'"
    expected = f"Semantic Error: at line 1, column 13: {complaint}; {complaint}"
    assert refused(people, "DELETE FROM Nope") == ("432", expected)


def test_redaction_of_a_block_that_is_not_there_is_refused_in_clear_words(people):
    statement = "EXEC REDACT_REVISION ?, ?, ?"
    assert "no block 7 in a strand 'S'" in refused(people, statement, {"strandId": "S", "sequenceNo": 7}, "T", "D")[1]


def test_two_scans_before_inserts_conflict_and_two_lookups_do_not(people):
    for statement, values, conflicts in (("SELECT * FROM Person", "XY", True), ("SELECT 1 FROM Person", "ZW", False)):
        sessions = [people.begin(), people.begin()]
        for session, value in zip(sessions, values, strict=True):
            if conflicts:
                session.run(statement)
            else:
                session.run(f"{statement} WHERE GovId = ?", value)
            session.run("INSERT INTO Person ?", {"GovId": value})
        sessions[0].commit()
        if conflicts:
            with pytest.raises(OccConflictException):
                sessions[1].commit()
        else:
            sessions[1].commit()


ION_VALUES = """
    null null.null null.bool null.int null.float null.decimal null.timestamp null.symbol null.string null.clob null.blob
    null.list null.sexp null.struct true false 0 -1 99999999999999999999 0e0 -1.5e300 nan +inf 0. -0.00 1.50d10 2020T
    2020-01T 2020-01-02T 2020-01-02T03:04Z 2020-01-02T03:04-00:00 2020-01-02T03:04:05.6780+01:30 a 'bc' 'b_c?' ''
    $0 "" "x" {{}} {{aGk=}} {{"hi"}} [] [1,[a]] () (a.b) {} {a:1,a:2} x::1 x::y::"z" x::null.int x::{a:y::[z::b]}
"""


@pytest.mark.parametrize("text", ION_VALUES.split())
def test_every_ion_value_is_kept_exactly_and_found_by_itself(local_people, text):
    value = ion.parse(text)
    local_people.run("INSERT INTO Person ?", {"GovId": "ion", "v": value})
    condition = "v IS NULL" if ion.is_null(value) else "v = ?"
    parameters = [] if ion.is_null(value) else [value]
    (found,) = local_people.run(f"SELECT VALUE v FROM Person WHERE GovId = 'ion' AND {condition}", *parameters)
    assert found == ion.text(value)
    assert local_people.run("SELECT VALUE data.v FROM _ql_committed_Person WHERE data.GovId = 'ion'") == [
        ion.text(value)
    ]
