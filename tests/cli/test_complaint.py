"""Errors with the place that they mean."""

import pytest

from ledger.cli.shell.complaint import caret, complaint
from ledger.cli.shell.runner import IncompleteResultError
from ledger.errors import BadRequestException, OccConflictException
from ledger.partiql import PartiQLError


@pytest.mark.parametrize(
    ("statement", "line", "column", "expected"),
    [
        ("SELECT FROM", 1, 8, ["  SELECT FROM", "         ^"]),
        ("SELECT", 1, 7, ["  SELECT", "        ^"]),
        ("SELECT *\n\tFRM T", 2, 2, ["   FRM T", "   ^"]),
        ("SELECT '漢字' FRM T", 1, 13, ["  SELECT '漢字' FRM T", "                ^"]),
        ("SELECT '\x1b[2J' FRM T", 1, 8, ["  SELECT ' [2J' FRM T", "         ^"]),
        ("SELECT", 4, 1, []),
        ("SELECT", 0, 1, []),
    ],
)
def test_the_caret_stands_under_the_column_that_the_error_names(statement, line, column, expected):
    assert caret(statement, line, column) == expected


def test_of_a_long_line_the_part_around_the_column_is_shown():
    statement = "SELECT " + "a, " * 10_000 + "! FROM T"
    shown, mark = caret(statement, 1, statement.index("!") + 1)
    assert len(shown) < 110
    assert shown[mark.index("^")] == "!"


def test_an_error_of_this_process_says_what_was_expected():
    error = BadRequestException("Unsupported PartiQL Statement, Errors at:\nline 1, column 3")
    error.__cause__ = PartiQLError("", reason="expected a statement, got 'b'")
    assert complaint(error, "a b").splitlines() == [
        "error: Unsupported PartiQL Statement, Errors at:",
        "line 1, column 3",
        "  a b",
        "    ^",
        "hint: expected a statement, got 'b'",
    ]


def test_a_statement_of_a_file_is_named_by_its_line():
    assert complaint(BadRequestException("no"), "a", line=7) == "error: in the statement on line 7: no"


def test_rows_printed_before_a_conflict_are_called_unreliable():
    error = IncompleteResultError("conflict")
    error.__cause__ = OccConflictException()
    hints = [line for line in complaint(error).splitlines() if line.startswith("hint")]
    assert len(hints) == 2
    assert "do not rely on them" in hints[0]
    assert "run it again" in hints[1]
