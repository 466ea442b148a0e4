"""Where statements end, and what is not one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cli.shell.lexemes import lexemes
from ledger.cli.shell.statements import (
    Control,
    StatementError,
    control,
    is_finished,
    parameter_count,
    statements,
)
from ledger.partiql import PartiQLError
from ledger.partiql.lexer import tokens

FRAGMENTS = [
    *("SELECT", " ", "\n", ";", ";", "a", "_ql_1", "1.5", "?", "<<", ">>", "''", "'it''s;'", '"a;""b"', "`{a:1}`"),
    *("`'`;'`", '`"`;"`', "`'''a;'b'''`", "`// ;`\n`", "`/* ; ` */ 1`", "-- ;\n", "/* ; */", "é", "/", "-", "*"),
    *("'", '"', "`", "/*", "--", "'''", "\\", "//"),
]


def split(*chunks):
    return [statement.text for statement in statements(chunks)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;", ["SELECT 1"]),
        (" a ; b\n;; c ", ["a", "b", "c"]),
        ("SELECT ';' ; b", ["SELECT ';'", "b"]),
        ("SELECT 'it''s;' ; b", ["SELECT 'it''s;'", "b"]),
        ('SELECT ";" ; b', ['SELECT ";"', "b"]),
        ("a -- ;\n; b", ["a -- ;", "b"]),
        ("a /* ; */ ; b", ["a /* ; */", "b"]),
        ('INSERT INTO T `{a:"`;"}` ; b', ['INSERT INTO T `{a:"`;"}`', "b"]),
        ("INSERT INTO T `{a:'''x;''' ''';`'''}` ; b", ["INSERT INTO T `{a:'''x;''' ''';`'''}`", "b"]),
        ("SELECT 'a; b", ["SELECT 'a; b"]),
        ("-- nothing\n; /* at all */ ;", []),
        ("", []),
    ],
)
def test_a_semicolon_ends_a_statement_only_outside_literals_and_comments(text, expected):
    assert split(text) == expected


def test_a_statement_is_given_as_soon_as_its_semicolon_is_read():
    chunks = iter(["SELECT 1; SEL"])
    reading = statements(chunks)
    assert next(reading).text == "SELECT 1"


def test_statements_know_the_lines_on_which_they_start():
    found = list(statements(["a\n;\n", "\n\nb\nc; d"]))
    assert [(statement.text, statement.line) for statement in found] == [("a", 1), ("b\nc", 5), ("d", 6)]


def test_a_quote_without_its_pair_in_a_large_file_is_an_error_instead_of_one_huge_statement():
    read = []

    def lines():
        for number in range(100_000):
            read.append(number)
            yield f"INSERT INTO T 'value {number};\n" if number == 3 else "INSERT INTO T 'value';\n"

    with pytest.raises(StatementError, match="no end of the statement on line 4 within 200000 characters"):
        list(statements(lines()))
    assert len(read) < 20_000


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_statements_end_where_the_ledger_itself_sees_a_semicolon(text):
    try:
        expected = [token.offset for token in tokens(text) if token.kind == ";"]
    except PartiQLError:
        return
    assert [lexeme.offset for lexeme in lexemes(text) if lexeme.text == ";"] == expected


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join) | st.text(max_size=40))
def test_lexemes_are_the_whole_text_whatever_it_is(text):
    assert "".join(lexeme.text for lexeme in lexemes(text)) == text


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12))
def test_statements_do_not_depend_on_the_chunks_in_which_a_text_comes(fragments):
    lines = "".join(fragments).splitlines(keepends=True)
    assert list(statements(lines)) == list(statements(["".join(lines)]))


@pytest.mark.parametrize("quote", ["'", '"', "`", "/*", "`'", '`"', "`'''", "`/*"])
def test_a_long_text_without_its_end_is_read_in_no_time(quote):
    text = quote + "ab'' \\ / * ''' \"\" " * 3000
    assert sum(len(lexeme.text) for lexeme in lexemes(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("begin", Control.BEGIN),
        ("START  TRANSACTION", Control.BEGIN),
        ("Commit -- now", Control.COMMIT),
        ("abort", Control.ABORT),
        ("rollback", Control.ABORT),
        ("begin work", None),
        ("start", None),
        ('"begin"', None),
        ("SELECT begin", None),
    ],
)
def test_words_for_transactions_are_told_from_statements(text, expected):
    assert control(text) is expected


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("SELECT 1;", True),
        ("SELECT 1; -- done", True),
        ("SELECT 1", False),
        ("SELECT\n1", False),
        ("SELECT 1\n", True),
        ("SELECT 1\n  ", True),
        ("SELECT ';", False),
        ("SELECT 'a\n", False),
        ("SELECT /* a;\n", False),
        ("a; b", False),
        ("", True),
    ],
)
def test_enter_runs_after_a_semicolon_or_an_empty_line_but_not_inside_a_literal(text, finished):
    assert is_finished(text) is finished


def test_question_marks_in_literals_are_no_parameters():
    assert parameter_count("""SELECT ? FROM T WHERE a = '?' AND "?" = `"?"` /* ? */ AND b = ?""") == 2
