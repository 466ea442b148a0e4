"""Statements in a text: where each ends, and which of them are the shell's own words for transactions."""

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from ledger.cli.shell.lexemes import Lexeme, lexemes
from ledger.limits import DEFAULT_LIMITS

# Twice what a ledger takes: whoever forgets a quote in a large file is told so, instead of reading it to its end.
_MAX_CHARACTERS = 2 * DEFAULT_LIMITS.statement_characters
_SILENT = ("blank", "comment")


class StatementError(ValueError):
    """The text holds no end of a statement where one must be."""


class Statement(NamedTuple):
    """A statement without its semicolon, and the 1-based line of the text on which it starts."""

    text: str
    line: int


class Control(Enum):
    """What the shell does by itself, in the words of the QLDB shell."""

    BEGIN = auto()
    COMMIT = auto()
    ABORT = auto()


_CONTROLS = {
    ("begin",): Control.BEGIN,
    ("start", "transaction"): Control.BEGIN,
    ("commit",): Control.COMMIT,
    ("abort",): Control.ABORT,
    ("rollback",): Control.ABORT,
}


class _Splitter:
    """Takes a text in chunks and gives its statements as they end."""

    def __init__(self) -> None:
        self._pending = ""
        self._line = 1
        self._scanned = 0

    def feed(self, chunk: str) -> Iterator[Statement]:
        self._pending += chunk
        if ";" in chunk:
            yield from self._cut_all()
        if len(self._pending) > _MAX_CHARACTERS:
            line = self._line + _leading_lines(self._pending)
            raise StatementError(
                f"no end of the statement on line {line} within {_MAX_CHARACTERS} characters: "
                "is there a quote without its pair, or a semicolon missing?"
            )

    def _cut_all(self) -> Iterator[Statement]:
        start, last = 0, self._scanned
        for lexeme in lexemes(self._pending[self._scanned :]):
            last = self._scanned + lexeme.offset
            if lexeme.text == ";":
                yield from self._cut(self._pending[start:last])
                start = last + 1
        # The last lexeme may go on in the next chunk; those before it are as they are.
        self._pending, self._scanned = self._pending[start:], max(last - start, 0)

    def rest(self) -> Iterator[Statement]:
        yield from self._cut(self._pending)

    def _cut(self, piece: str) -> Iterator[Statement]:
        text = piece.strip()
        if significant(text):
            yield Statement(text, self._line + _leading_lines(piece))
        self._line += piece.count("\n")


def _leading_lines(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def statements(chunks: Iterable[str]) -> Iterator[Statement]:
    """Give the statements of a text that comes in chunks, each as soon as its semicolon is read.

    Semicolons in strings, quoted names, Ion literals and comments end nothing; the last statement needs none.

    Raises:
        StatementError: a statement is far longer than a ledger takes.
    """
    splitter = _Splitter()
    for chunk in chunks:
        yield from splitter.feed(chunk)
    yield from splitter.rest()


def significant(text: str) -> list[Lexeme]:
    """Return the lexemes of a text that are neither blank nor comment."""
    return [lexeme for lexeme in lexemes(text) if lexeme.kind not in _SILENT]


def control(text: str) -> Control | None:
    """Return what the shell is told to do, or `None` if the text is a statement for the ledger."""
    return _CONTROLS.get(tuple(lexeme.text.lower() for lexeme in significant(text)))


def parameter_count(text: str) -> int:
    """Return how many `?` a statement has."""
    return sum(lexeme.text == "?" for lexeme in lexemes(text))


def is_finished(text: str) -> bool:
    """Tell whether a person who typed this and Enter means it to run: it ends in a semicolon or an empty line."""
    found = list(lexemes(text))
    if not all(lexeme.closed for lexeme in found):
        return False
    last = next((lexeme for lexeme in reversed(found) if lexeme.kind not in _SILENT), None)
    return last is None or last.text == ";" or not text.rpartition("\n")[2].strip()
