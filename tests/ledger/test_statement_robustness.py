"""Whatever a client sends as a statement and as parameters, a session answers rows or one of QLDB's errors."""

import time
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import ion
from ledger import settings as ledger_settings
from ledger.errors import QldbError
from ledger.ledger import Ledger
from ledger.limits import Limits
from ledger.partiql.lexer import tokens
from ledger.store import SQLiteStore
from tests.ledger.support import Client
from tests.partiql.test_robustness import PIECES, STATEMENTS

TABLES = {
    "Person": [{"GovId": "A", "name": "Ann", "age": 30, "tags": ["x", "y"]}, {"GovId": "B", "nick": None}],
    "Orders": [{"nr": 1, "customer": "A", "lines": [{"sku": "p1", "n": 2}], "total": Decimal("10.50")}],
    "Empty": [],
}
VALUES = [
    "1",
    "-1",
    "null",
    "null.struct",
    '"A"',
    "[1, a, [2]]",
    "{a:1, a:2, '':3}",
    "{GovId:x::'B', age:1d-5000}",
    "2020T",
    "9999-12-31T23:59:59.999999999Z",
    "0001-01-01T00:00-23:59",
    "nan",
    "-inf",
    "1d999999999",
    "0001-01-01T00:00+23:59",
    "(x {{aGk=}} {{'''y'''}})",
    "true",
    "$0",
    '"\\U0001F600%_\\\\"',
    "9" * 3_000,
    "[" * 90 + "]" * 90,
    "{a:" * 90 + "1" + "}" * 90,
    '"' + "x" * 100_000 + '"',
    "[" + "1," * 3_000 + "1]",
]


@pytest.fixture(scope="module")
def unhurried(tmp_path_factory):
    store = SQLiteStore(tmp_path_factory.mktemp("robust") / "ledger.db")
    ledger_settings.create(store, "demo")
    client = Client(Ledger(store, "demo", extensions=True))
    for name, documents in TABLES.items():
        client.run(f"CREATE TABLE {name}")
        for document in documents:
            client.run(f"INSERT INTO {name} ?", document)
    client.run("CREATE INDEX ON Person (GovId)")
    client.ledger.complete_indexes()
    yield client
    store.close()


@pytest.fixture(scope="module")
def sessions(unhurried):
    """Sessions whose transactions may take two seconds."""
    return Client(Ledger(unhurried.ledger.store, "demo", extensions=True, limits=Limits(transaction_seconds=2)))


def attempt(client, text, parameters):
    """Run a statement and abort; any exception but a QldbError is a failure."""
    session = client.begin()
    holders = [{"IonText": parameter} for parameter in parameters]
    with suppress(QldbError):
        answer = session.send(
            "ExecuteStatement", TransactionId=session.transaction_id, Statement=text, Parameters=holders
        )
        for row in answer["FirstPage"]["Values"]:
            ion.loads(row["IonBinary"])
    with suppress(QldbError):
        session.send("AbortTransaction")
    session.end()


def parameters_for(text, data):
    count = min(text.count("?"), 6)
    return data.draw(st.lists(st.sampled_from(VALUES), min_size=count, max_size=count))


robust = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@robust
@given(st.sampled_from([*PIECES, "SELECT VALUE "]), st.text(max_size=40))
def test_any_text_is_answered(sessions, start, text):
    attempt(sessions, start + text, [])


@robust
@given(st.sampled_from(STATEMENTS), st.data())
def test_any_statement_with_any_parameters_is_answered(sessions, text, data):
    attempt(sessions, text, parameters_for(text, data))


@robust
@given(st.sampled_from(STATEMENTS), st.data())
def test_any_changed_statement_with_any_parameters_is_answered(sessions, text, data):
    starts = [token.offset for token in tokens(text)]
    pieces = [text[start:end] for start, end in pairwise(starts)]
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(pieces)))
        pieces[index : index + data.draw(st.integers(0, 2))] = data.draw(st.lists(st.sampled_from(PIECES), max_size=2))
    changed = " ".join(pieces)
    attempt(sessions, changed, parameters_for(changed, data))


@robust
@given(st.data())
def test_any_operation_on_any_values_is_answered(sessions, data):
    shapes = [
        "SELECT VALUE ? {0} ? FROM << 0 >>",
        "SELECT VALUE x {0} x FROM << ? >> AS x, ? AS y WHERE x {0} y",
        "SELECT * FROM Person WHERE GovId {0} ? OR age {0} ?",
        "UPDATE Person AS p SET p.new = ? {0} ?",
    ]
    operators = ["+", "-", "*", "/", "%", "||", "=", "<>", "<", ">=", "IN", "LIKE", "AND", "OR"]
    text = data.draw(st.sampled_from(shapes)).format(data.draw(st.sampled_from(operators)))
    attempt(sessions, text, parameters_for(text, data))


@robust
@given(st.data())
def test_any_function_of_any_values_is_answered(sessions, data):
    calls = [
        "LOWER(?)", "SIZE(?)", "EXISTS(?)", "CHAR_LENGTH(?)", "SUBSTRING(?, ?)", "SUBSTRING(?, ?, ?)",
        "TRIM(BOTH ? FROM ?)", "COALESCE(?, ?)", "NULLIF(?, ?)", "DATE_ADD(month, ?, ?)", "DATE_ADD(second, ?, ?)",
        "DATE_DIFF(year, ?, ?)", "DATE_DIFF(second, ?, ?)", "EXTRACT(timezone_minute FROM ?)", "TO_STRING(?, ?)",
        "TO_TIMESTAMP(?)", "TO_TIMESTAMP(?, ?)", "?[*].a", "?.*", "?[?]", "- ?", "(SELECT VALUE x FROM ? AS x)",
        *(f"CAST(? AS {name})" for name in (
            "bool", "int", "float", "decimal", "timestamp", "symbol", "string", "blob", "clob", "list", "sexp", "bag",
            "struct", "null", "missing",
        )),
        *(f"{name}(x) FROM ? AS x, ? AS y" for name in ("SUM", "AVG", "MIN", "MAX", "COUNT")),
    ]  # fmt: skip
    call = data.draw(st.sampled_from(calls))
    text = f"SELECT {call}" if " FROM ? AS x, " in call else f"SELECT VALUE {call} FROM << 0 >>"
    attempt(sessions, text, parameters_for(text, data))


@robust
@given(st.data())
def test_any_edit_with_any_values_is_answered(sessions, data):
    shapes = [
        "INSERT INTO Empty ?",
        "INSERT INTO Empty << ?, ? >>",
        "UPDATE Person AS p SET p = ?",
        "UPDATE Person AS p SET p[?] = ?",
        "UPDATE Person AS p SET p.tags[?][?] = ?",
        "FROM Person AS p INSERT INTO p.tags VALUE ? AT ?",
        "FROM Person AS p INSERT INTO p[?] VALUE ? AT ?",
        "FROM Orders AS o, o.lines AS l REMOVE l[?]",
        "FROM Person AS p, ? AS x SET p.x = x",
        "SELECT * FROM history(Person, ?, ?) AS h WHERE h.metadata.version IN ? AND h.metadata.id = ?",
        "SELECT * FROM history(Person) AS h WHERE h.metadata.version BETWEEN ? AND ?",
        "SELECT * FROM Person WHERE GovId IN ? ORDER BY age LIMIT ?",
        "SELECT x, COUNT(*) FROM ? AS x, ? AS y GROUP BY x ORDER BY x",
    ]
    text = data.draw(st.sampled_from(shapes))
    attempt(sessions, text, parameters_for(text, data))


ENDLESS = {
    "cross product": "SELECT COUNT(*) FROM " + ", ".join(f"<< {', '.join('0' * 30)} >> AS x{n}" for n in range(20)),
    "subquery": "SELECT VALUE (SELECT VALUE 1 FROM @x AS a, @x AS b, @x AS c, @x AS d) FROM << ["
    + "0, " * 99
    + "0] >> AS x",
    "long text": "SELECT VALUE x" + " || x" * 15_000 + " FROM << ? >> AS x",
    "long number": "SELECT VALUE x" + " * x" * 20_000 + " FROM << 7 >> AS x",
    "large list": "SELECT VALUE [x" + ", x" * 25_000 + "] FROM << ? >> AS x",
    "large bag": "SELECT VALUE 1 FROM << ? >> AS x WHERE << x" + ", x" * 25_000 + " >> = << >>",
    "large struct": "SELECT VALUE {" + ", ".join(f"'a{n}': x" for n in range(7_000)) + "} FROM << ? >> AS x",
    "large row": "SELECT x" + ", x" * 25_000 + " FROM << ? >> AS x",
    "large tree": (
        f"SELECT VALUE [{', '.join('c' * 60)}] FROM << ? >> AS a, "
        f"<< [{', '.join('a' * 60)}] >> AS b, << [{', '.join('b' * 60)}] >> AS c"
    ),
    "large bag of rows": "SELECT VALUE (SELECT VALUE @x FROM [" + "0, " * 9_000 + "0] AS y) FROM << ? >> AS x",
    "large document": "FROM Person AS p, << ? >> AS x SET " + ", ".join(f"p.a{n} = x" for n in range(6_000)),
    "deep": "SELECT VALUE " + "(SELECT VALUE a FROM " * 70 + "<< 1 >>" + " AS a)" * 70 + " FROM << 0 >>",
    "deeper": "SELECT * FROM " + "(SELECT * FROM " * 3_000 + "<< 1 >>",
    "deepest": "SELECT VALUE " + "COALESCE(" * 5_000 + " FROM << 0 >>",
    "sort": "SELECT VALUE a FROM " + ", ".join(f"<< {', '.join('0' * 50)} >> AS {x}" for x in "abcde") + " ORDER BY a",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_never_end_or_fill_the_memory_ends_in_an_error(sessions, name):
    text = ENDLESS[name]
    parameters = [{"IonText": '"' + "x" * 1_000 + '"'}] * text.count("?")
    session = sessions.begin()
    members = {"TransactionId": session.transaction_id, "Statement": text, "Parameters": parameters}
    begun = time.thread_time()
    with pytest.raises(QldbError):
        session.send("ExecuteStatement", **members)
    assert time.thread_time() - begun < 60


@pytest.mark.parametrize("text", ["0001-01-01T00:00+23:59", "9999-12-31T23:59-00:01", "{a:[0001-01-01T00:00+00:01]}"])
def test_an_instant_that_has_no_utc_is_refused_as_a_literal_and_as_a_parameter(unhurried, text):
    session = unhurried.begin()
    with pytest.raises(QldbError, match="line 1, column 14"):
        session.execute(f"SELECT VALUE `{text}` FROM << 0 >>")
    members = {"TransactionId": session.transaction_id, "Statement": "SELECT VALUE ? FROM << 0 >>"}
    with pytest.raises(QldbError, match="outside the years 1 to 9999"):
        session.send("ExecuteStatement", **members, Parameters=[{"IonText": text}])


def test_a_failed_statement_leaves_the_transaction_to_go_on(unhurried):
    session = unhurried.begin()
    with pytest.raises(QldbError):
        session.run("SELECT 1 / 0 FROM << 0 >>")
    assert session.run("SELECT VALUE name FROM Person WHERE GovId = 'A'") == ['"Ann"']
