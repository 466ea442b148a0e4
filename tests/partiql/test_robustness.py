"""Whatever the text, compiling gives a Statement or a PartiQLError, and executing gives rows or a PartiQLError."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import ion
from ledger.partiql import PartiQLError, Statement, compile_statement
from ledger.partiql.lexer import tokens
from ledger.partiql.words import RESERVED_WORDS
from tests.partiql.memory import TableExistsError, example_tables
from tests.partiql.test_statements import blocks, steps

STATEMENTS = sorted(
    {statement for case in blocks() for statement, _, expected in steps(case.values[0]) if "!!" not in expected[0]}
)
WORDS = sorted(RESERVED_WORDS)
PIECES = """
    SELECT VALUE FROM WHERE AND OR NOT IN IS NULL MISSING BETWEEN LIKE ESCAPE AS AT BY SET INSERT INTO UPDATE DELETE
    CREATE TABLE INDEX ON JOIN COUNT SUM AVG MIN MAX history Person Orders Empty p o id name GovId age data metadata
    _ql_committed_Person information_schema.user_tables true null 0 1 2.5 'A' 'x' "key" ( ) [ ] { } << >> , . : ; ? * +
    - / % || = <> < <= > >= @ `a` `2020T` `{a:1}` `nan` `null.int` -- /* */ ' " `
""".split()
VALUES = [ion.parse(text) for text in ("1", "null", '"A"', "[1, a]", "{a:1}", "2020T", "nan", "1d999", "(x)", "true")]


def attempt(text: str) -> PartiQLError | None:
    """Compile and execute a statement; any exception but a PartiQLError is a failure."""
    try:
        statement = compile_statement(text)
        assert isinstance(statement, Statement)
        parameters = [VALUES[index % len(VALUES)] for index in range(statement.parameter_count)]
        for row in statement.execute(example_tables(), parameters):
            ion.dumps(row)
    except PartiQLError as error:
        return error
    except TableExistsError:
        pass
    return None


def check_linear(run: Callable[[int], object], size: int) -> None:
    """Check that the processor's time grows with the size and not with its square, however fast the processor is."""
    part, whole = processor_seconds(run, size // 8), processor_seconds(run, size)
    assert whole < 24 * part + 5, "an eighth of it should take about an eighth of the time, and not a 64th"


def processor_seconds(run: Callable[[int], object], size: int) -> float:
    begun = time.thread_time()
    run(size)
    return time.thread_time() - begun


@given(st.text(max_size=40))
def test_any_text_is_a_statement_or_an_error(text: str) -> None:
    error = attempt(text)
    assert error is None or f"line {error.line}, column {error.column}" in error.message


@given(st.sampled_from(["SELECT ", "INSERT INTO ", "UPDATE Person ", "DELETE ", "SELECT VALUE "]), st.text(max_size=30))
def test_any_text_after_a_verb_is_a_statement_or_an_error(verb: str, text: str) -> None:
    attempt(verb + text)


@given(st.lists(st.sampled_from(PIECES) | st.sampled_from(WORDS), max_size=25))
def test_any_soup_of_tokens_is_a_statement_or_an_error(pieces: list[str]) -> None:
    attempt(" ".join(pieces))


@given(st.sampled_from(STATEMENTS), st.data())
def test_a_good_statement_with_some_tokens_changed_is_a_statement_or_an_error(text: str, data: st.DataObject) -> None:
    starts = [token.offset for token in tokens(text)]
    pieces = [text[start:end] for start, end in pairwise(starts)]
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(pieces) - 1))
        pieces[index : index + data.draw(st.integers(0, 2))] = data.draw(st.lists(st.sampled_from(PIECES), max_size=2))
        if not pieces:
            break
    attempt(" ".join(pieces))


@pytest.mark.parametrize(
    ("start", "middle", "end"),
    [
        ("SELECT * FROM Person WHERE a = ", "(", ""),
        ("SELECT * FROM Person WHERE a = ", "[", ""),
        ("SELECT * FROM Person WHERE a = ", "{'a':", ""),
        ("SELECT * FROM Person WHERE a = ", "- ", "1"),
        ("SELECT * FROM Person WHERE ", "NOT ", "a"),
        ("SELECT * FROM Person WHERE a", " IS NULL", ""),
        ("SELECT * FROM Person WHERE a", " = 1", ""),
        ("SELECT * FROM Person WHERE a", " BETWEEN 1 AND 2", ""),
        ("SELECT * FROM Person WHERE a", ".b", ""),
        ("SELECT * FROM Person WHERE a", "[0]", ""),
        ("SELECT * FROM Person WHERE ", "a[", ""),
        ("SELECT * FROM Person WHERE ", "SUM(", ""),
        ("UPDATE Person SET a", ".b", " = 1"),
        ("SELECT * FROM Person AS p", ", Person", ""),
        ("SELECT `", "[", "` FROM Person"),
        ("SELECT ", "/* ", ""),
        ("SELECT `", "/* ", ""),
        ("SELECT `", "'\\", ""),
        ("SELECT ", "9", " FROM Person"),
    ],
)
def test_hostile_repetition_is_an_error_in_no_time(start: str, middle: str, end: str) -> None:

    def refuse(characters: int) -> None:
        with pytest.raises(PartiQLError):
            compile_statement(start + middle * ((characters - len(start + end)) // len(middle)) + end)

    check_linear(refuse, 90_000)


@pytest.mark.parametrize(
    ("start", "middle", "count", "end"),
    [
        ("SELECT VALUE n FROM Person WHERE age = 1", " OR age = 1", 7_000, ""),
        ("SELECT VALUE n FROM Person WHERE age = 1", " AND age = 1", 7_000, ""),
        ("SELECT VALUE n FROM Person WHERE age IN (1", ", 1", 30_000, ")"),
        ("SELECT VALUE n FROM Person WHERE age = 1", "+1", 45_000, ""),
        ("INSERT INTO Empty << {'a': [1, 2]}", ", {'a': [1, 2]}", 6_000, " >>"),
        ("SELECT VALUE '", "x", 90_000, "' FROM Person"),
        ("SELECT VALUE n FROM Person", " ", 90_000, ""),
        ("SELECT VALUE n FROM Person WHERE name LIKE '", "%a", 40_000, "'"),
    ],
)
def test_a_long_statement_runs_in_no_time(start: str, middle: str, count: int, end: str) -> None:
    def run(times: int) -> None:
        list(compile_statement(start + middle * times + end).execute(example_tables(), []))

    check_linear(run, count)


def test_a_long_text_against_a_hostile_pattern_is_matched_in_no_time() -> None:
    statement = compile_statement("SELECT VALUE 1 FROM << 0 >> WHERE ? LIKE ?")

    def match(characters: int) -> None:
        assert list(statement.execute(example_tables(), ["a" * characters, "%a" * 500 + "b"])) == []

    check_linear(match, 50_000)


@pytest.mark.parametrize("depth", [1, 30, 60])
def test_reasonable_nesting_is_fine(depth: int) -> None:
    (value,) = compile_statement("SELECT VALUE " + "[" * depth + "]" * depth + " FROM << 0 >>").execute(
        example_tables(), []
    )
    assert ion.text(value) == "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM << ? >> AS x WHERE x = ?",
        "SELECT * FROM << 1 >> AS x WHERE ? IN [?]",
        "SELECT * FROM Person AS p WHERE p.GovId = ? AND p.GovId IN [?]",
        "DELETE FROM Person WHERE name = ? OR GovId = ?",
        "INSERT INTO Empty VALUE {'a': ? < ?}",
    ],
)
def test_values_nested_too_deeply_are_an_error(statement: str) -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(PartiQLError, match="nested too deeply"):
        list(compile_statement(statement).execute(example_tables(), [deep, deep]))


def test_a_statement_over_the_quota_is_refused_with_its_length() -> None:
    with pytest.raises(PartiQLError, match="at most 100000 characters, got 100001"):
        compile_statement("SELECT 1 FROM Person".ljust(100_001))


def test_a_statement_at_the_quota_is_accepted() -> None:
    assert compile_statement("SELECT 1 FROM Person".ljust(100_000)).parameter_count == 0


@pytest.mark.parametrize("word", WORDS)
def test_a_reserved_word_names_something_only_in_quotes_or_behind_a_dot(word: str) -> None:
    list(compile_statement(f'SELECT p."{word}" FROM Person AS p').execute(example_tables(), []))
    if word != "END-EXEC":
        list(compile_statement(f"SELECT p.{word.lower()} FROM Person AS p").execute(example_tables(), []))
        with pytest.raises(PartiQLError, match="line 1, column 13"):
            compile_statement(f"DELETE FROM {word.lower()}")
