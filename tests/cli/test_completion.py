"""What Tab offers."""

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from ledger import ion
from ledger.cli.shell.completion import StatementCompleter
from ledger.cli.shell.names import Names


@pytest.fixture
def names(client):
    transaction = client.begin()
    for statement in ("CREATE TABLE Person", "CREATE TABLE Vehicle", "CREATE INDEX ON Vehicle (VIN)"):
        transaction.execute(statement)
    transaction.commit()
    names = Names(client)
    names.refresh()
    names.learn([ion.parse('{Name:"Ann", "first name":1, Address:{Zip:1}, order:1}')])
    return names


@pytest.fixture
def offered(names):
    completer = StatementCompleter(names)

    def offer(text):
        return [found.text for found in completer.get_completions(Document(text), CompleteEvent())]

    return offer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM Pe", ["Person"]),
        ("select * from ve", ["Vehicle"]),
        ("INSERT INTO P", ["Person"]),
        ("UPDATE V", ["Vehicle"]),
        ("SELECT * FROM _ql", ["_ql_committed_Person", "_ql_committed_Vehicle"]),
        ("SELECT * FROM hist", ["history(Person)", "history(Vehicle)"]),
        ("SELECT * FROM information_schema.u", []),
        ("SELECT * FROM inf", ["information_schema.user_tables"]),
        ("SELECT * FROM Vehicle AS v WHERE v.V", ["VIN"]),
        ("SELECT * FROM Person AS p WHERE p.Address.z", ["Zip"]),
        ("SELECT p.ord", ['"order"']),
        ("SELECT p.first", ['"first name"']),
        ('SELECT p."first', ['"first name"']),
        ("SEL", ["SELECT"]),
        ("sel", ["select"]),
        ("SELECT 1; sel", ["select"]),
        ("SELECT * FROM Person WHER", ["WHERE"]),
        ("SELECT 'Pe", []),
        ("SELECT * /* fr", []),
        ("INSERT INTO Person `{Na", []),
        ("format j", ["json"]),
        ("ta", ["tables", "table"]),
    ],
)
def test_what_is_offered_fits_the_place(offered, text, expected):
    assert offered(text) == expected


def test_after_from_only_tables_are_offered(offered):
    assert set(offered("SELECT * FROM ")) >= {"Person", "Vehicle", "information_schema.user_tables"}
    assert "SELECT" not in offered("SELECT * FROM ")


def test_the_tables_know_their_indexed_fields(names):
    assert names.tables == {"Person": [], "Vehicle": ["VIN"]}


def test_a_table_that_was_dropped_is_offered_no_longer(names, offered, client):
    transaction = client.begin()
    transaction.execute("DROP TABLE Person")
    transaction.commit()
    names.refresh()
    assert offered("SELECT * FROM Pe") == []


def test_the_fields_that_are_remembered_are_limited(names):
    for number in range(300):
        names.learn([{f"field {number} {column}": 1 for column in range(100)}])
    assert len(names.fields) < 3000
