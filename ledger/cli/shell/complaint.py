"""Errors as people want them: what QLDB says, the place in the statement, and what to do next."""

import re

from wcwidth import wcswidth

from ledger.cli.shell.runner import IncompleteResultError
from ledger.errors import (
    InvalidSessionException,
    OccConflictException,
    QldbError,
    RateExceededException,
    TransactionOutcomeUnknownException,
)
from ledger.partiql import PartiQLError

_POSITION = re.compile(r"line (\d+), column (\d+)")
_SHOWN = 100
_HINTS: dict[type[QldbError], str] = {
    IncompleteResultError: "the rows above are not a whole result of one moment; do not rely on them",
    InvalidSessionException: "the transaction was open too long, or its session is gone; nothing of it was committed",
    OccConflictException: "another transaction changed what this one read; nothing of it was committed: run it again",
    RateExceededException: "the store is too busy or away; nothing was committed: try again later",
    TransactionOutcomeUnknownException: "look whether it was committed before you run it again",
}


def complaint(error: Exception, statement: str = "", line: int = 1) -> str:
    """Return the lines to print for `error`, which `statement` has met.

    Args:
        line: on which the statement starts in its file.
    """
    lines = [f"error: {error}" if line <= 1 else f"error: in the statement on line {line}: {error}"]
    where = _POSITION.search(str(error)) if isinstance(error, QldbError) else None
    if where is not None:
        lines += caret(statement, int(where[1]), int(where[2]))
    causes = [error] if error.__cause__ is None else [error, error.__cause__]
    lines += [f"hint: {hint}" for cause in causes if (hint := _hint(cause))]
    return "\n".join(lines)


def caret(statement: str, line: int, column: int) -> list[str]:
    """Return a line of a statement, or a part of a long one, and under it a caret; nothing if there is no such line.

    Args:
        line, column: from 1 on; the column counts characters.
    """
    lines = statement.split("\n")
    if not 1 <= line <= len(lines):
        return []
    start = max(0, column - _SHOWN // 2)
    part = lines[line - 1][start : start + _SHOWN]
    shown = "".join(character if character.isprintable() else " " for character in part)
    return [f"  {shown}", "  " + " " * max(wcswidth(shown[: column - 1 - start]), 0) + "^"]


def _hint(error: BaseException) -> str | None:
    if isinstance(error, PartiQLError):
        return error.reason
    return next((text for kind, text in _HINTS.items() if isinstance(error, kind)), None)
