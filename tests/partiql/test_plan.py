"""Which of a table's methods a statement calls: what an index answers is not scanned."""

import pytest

from ledger import ion
from ledger.partiql import compile_statement
from tests.partiql.memory import example_tables


def calls(statement: str, *parameters: str) -> list[str]:
    """The reads that a statement makes of the example tables, in order."""
    tables = example_tables()
    list(compile_statement(statement).execute(tables, [ion.parse(source) for source in parameters]))
    return tables.calls


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM Person WHERE GovId = 'A'",
        "SELECT * FROM Person WHERE 'A' = GovId",
        "SELECT * FROM Person AS p WHERE p.GovId = 'A' AND p.age > 100",
        "SELECT * FROM Person AS p WHERE p.age > 100 AND (p.name = 'Ann' AND p['GovId'] = 'A')",
        "SELECT * FROM Person AS p WHERE p.GovId = 'A' AND p.GovId = 'B'",
        "SELECT * FROM Person WHERE GovId IN ('A')",
        "SELECT * FROM Person WHERE GovId IN ('A', null, 'A', `A`)",
        "SELECT COUNT(*) FROM Person WHERE GovId = 'A'",
        "SELECT * FROM _ql_committed_Person WHERE data.GovId = 'A'",
        "UPDATE Person SET age = 1 WHERE GovId = 'A'",
        "DELETE FROM Person WHERE GovId = 'A'",
    ],
)
def test_equality_on_an_indexed_field_looks_it_up(statement: str) -> None:
    assert calls(statement) == ['lookup Person.GovId "A"']


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM Person",
        "SELECT * FROM Person WHERE name = 'Ann'",
        "SELECT * FROM Person WHERE GovId <> 'A'",
        "SELECT * FROM Person WHERE GovId >= 'A'",
        "SELECT * FROM Person WHERE GovId LIKE 'A'",
        "SELECT * FROM Person WHERE GovId BETWEEN 'A' AND 'A'",
        "SELECT * FROM Person WHERE GovId = 'A' OR GovId = 'B'",
        "SELECT * FROM Person WHERE NOT GovId = 'A'",
        "SELECT * FROM Person WHERE GovId NOT IN ('A')",
        "SELECT * FROM Person WHERE GovId = name",
        "SELECT * FROM Person AS p WHERE p.GovId.x = 'A'",
        "SELECT * FROM Person AS p WHERE p.city.GovId = 'A'",
        "SELECT * FROM Person AS p WHERE p = 'A'",
        "SELECT * FROM _ql_committed_Person WHERE GovId = 'A'",
        "SELECT * FROM _ql_committed_Person WHERE metadata.version = 0",
        "DELETE FROM Person WHERE age = 30",
    ],
)
def test_what_no_index_answers_scans_the_table(statement: str) -> None:
    assert calls(statement) == ["scan Person"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM Person BY id WHERE id = 'person1'",
        "SELECT * FROM Person BY id WHERE GovId = 'A' AND id = 'person1'",
        "SELECT * FROM Person AS p BY id WHERE id IN ('person1', 'person1', 5, null)",
        "SELECT * FROM _ql_committed_Person AS c WHERE c.metadata.id = 'person1'",
        "SELECT * FROM _ql_committed_Person BY id WHERE id = 'person1'",
        "UPDATE Person AS p BY id SET p = {'a': id} WHERE id = `person1`",
        "DELETE FROM Person BY id WHERE id = 'person1'",
    ],
)
def test_a_document_id_is_found_directly(statement: str) -> None:
    assert calls(statement) == ["find Person person1"]


def test_parameters_reach_the_index_with_their_ion_type_and_equal_ones_once() -> None:
    assert calls("SELECT * FROM Person WHERE GovId = ?", "{a:1.0}") == ["lookup Person.GovId {a:1.0}"]
    assert calls("SELECT * FROM Person WHERE GovId IN ?", "[1, 1.0, a]") == [
        "lookup Person.GovId 1",
        "lookup Person.GovId a",
    ]


@pytest.mark.parametrize("parameter", ["null", "null.string"])
def test_a_null_is_equal_to_nothing_and_reads_nothing(parameter: str) -> None:
    assert calls("SELECT * FROM Person WHERE GovId = ?", parameter) == []


def test_history_reads_one_document_when_its_id_is_given() -> None:
    assert calls("SELECT * FROM history(Person) AS h WHERE h.metadata.id = ?", '"person0"') == [
        "history Person person0"
    ]
    assert calls("SELECT * FROM history(Person) AS h WHERE h.data.GovId = 'A'") == ["history Person None"]


@pytest.mark.parametrize(
    ("condition", "versions"),
    [
        ("h.metadata.version = 3", "range(3, 4)"),
        ("3.0 = h.metadata.version", "range(3, 4)"),
        ("h.metadata.version = 3.5", "range(0, 0)"),
        ("h.metadata.version IN (5, 3, 3, null, 'x', -1)", "[3, 5]"),
        ("h.metadata.version BETWEEN 2 AND 4", "range(2, 5)"),
        ("h.metadata.version > 2 AND h.metadata.version < 4.5", "range(3, 5)"),
        ("2 <= h.metadata.version AND 4 > h.metadata.version", "range(2, 4)"),
        ("h.metadata.version IN (1, 2, 3) AND h.metadata.version >= 2", "[2, 3]"),
        ("h.metadata.version < null", "range(0, 0)"),
        ("h.metadata.version > 4 AND h.metadata.version < 2", "range(5, 5)"),
    ],
)
def test_history_reads_the_versions_that_can_match(condition: str, versions: str) -> None:
    statement = f"SELECT * FROM history(Person) AS h WHERE h.metadata.id = 'person0' AND ({condition})"
    assert calls(statement) == [f"history Person person0 {versions}"]


@pytest.mark.parametrize(
    "condition",
    [
        "h.metadata.version <> 3",
        "NOT h.metadata.version = 3",
        "h.metadata.version = 3 OR h.metadata.version = 4",
        "h.metadata.version = h.data.n",
        "h.data.metadata.version = 3",
        "h.metadata.version + 0 = 3",
    ],
)
def test_what_says_nothing_of_the_version_reads_all_of_them(condition: str) -> None:
    statement = f"SELECT * FROM history(Person) AS h WHERE h.metadata.id = 'person0' AND ({condition})"
    assert calls(statement) == ["history Person person0"]


def test_the_values_of_a_query_are_looked_up() -> None:
    statement = "SELECT * FROM Person AS p WHERE p.GovId IN (SELECT VALUE x.id FROM ? AS x WHERE x.n > 1)"
    assert calls(statement, '[{id:"A",n:1},{id:"B",n:2}]') == ['lookup Person.GovId "B"']


def test_edits_of_nested_values_look_their_document_up() -> None:
    assert calls("FROM Person AS p, p.tags AS t WHERE p.GovId = 'A' AND t = 'x' REMOVE t") == [
        'lookup Person.GovId "A"'
    ]


def test_a_dropped_index_is_not_used() -> None:
    tables = example_tables()
    statement = compile_statement("SELECT * FROM Person WHERE GovId = 'A'")
    tables.drop_index("Person", "I0")
    assert len(list(statement.execute(tables, []))) == 1
    assert tables.calls == ["scan Person"]


def test_a_join_looks_up_the_inner_table_for_each_outer_row() -> None:
    assert calls("SELECT * FROM Orders AS o INNER JOIN Person AS p ON o.customer = p.GovId") == [
        "scan Orders",
        'lookup Person.GovId "A"',
        'lookup Person.GovId "B"',
        'lookup Person.GovId "A"',
    ]


def test_a_join_on_the_document_id_finds_the_inner_document() -> None:
    assert calls("SELECT * FROM ? AS x, Person AS p BY pid WHERE pid = x", '["person2", 7]') == ["find Person person2"]


def test_an_outer_row_that_the_predicate_drops_reads_nothing_of_the_inner_table() -> None:
    assert calls("SELECT * FROM Orders AS o, Person AS p WHERE o.nr = 2 AND p.GovId = o.customer") == [
        "scan Orders",
        'lookup Person.GovId "B"',
    ]


def test_an_index_made_after_compilation_is_used() -> None:
    tables = example_tables()
    statement = compile_statement("SELECT * FROM Orders WHERE nr = 2")
    list(statement.execute(tables, []))
    tables.create_index("Orders", "nr")
    list(statement.execute(tables, []))
    assert tables.calls == ["scan Orders", "lookup Orders.nr 2"]


def test_rows_of_a_select_are_read_as_they_are_asked_for() -> None:
    tables = example_tables()
    rows = compile_statement("SELECT * FROM Orders AS o, Person AS p WHERE p.GovId = o.customer").execute(tables, [])
    assert tables.calls == []
    next(rows)
    assert tables.calls == ["scan Orders", 'lookup Person.GovId "A"']


def test_writes_are_done_when_execute_returns() -> None:
    tables = example_tables()
    compile_statement("DELETE FROM Person WHERE GovId = 'A'").execute(tables, [])
    assert [found.document_id for found in tables.active["Person"].scan()] == ["person1", "person2"]


def test_one_text_is_compiled_once() -> None:
    assert compile_statement("SELECT 1 FROM Person") is compile_statement("SELECT 1 FROM Person")
