"""What Tab offers: tables where a table must stand, fields after a dot, keywords as well elsewhere."""

import re
from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from ledger.cli.shell.formats import FORMATS
from ledger.cli.shell.lexemes import Lexeme, lexemes
from ledger.cli.shell.names import Names
from ledger.partiql.words import RESERVED_WORDS

_KEYWORDS = """
ABORT AND AS AT AVG BEGIN BETWEEN BY CASE CAST COALESCE COMMIT COUNT CREATE DATE_ADD DATE_DIFF DELETE DISTINCT
DROP ELSE END ESCAPE EXISTS EXTRACT FALSE FROM IN INDEX INNER INSERT INTO IS JOIN LEFT LIKE LOWER MAX MIN
MISSING NOT NULL NULLIF ON OR REMOVE SELECT SET SIZE SUBSTRING SUM TABLE THEN TO_STRING TO_TIMESTAMP TRIM TRUE
TXID UNDROP UNPIVOT UPDATE UPPER UTCNOW VALUE VALUES WHEN WHERE
""".split()
_SHELL_WORDS = ("exit", "format", "help", "quit", "tables", "timing")
_BEFORE_TABLES = frozenset({"FROM", "INTO", "JOIN", "ON", "TABLE", "UPDATE"})
_NAME = re.compile(r"[^\W\d]\w*")
_TYPED = re.compile(r'"?[\w$-]*\Z')


class StatementCompleter(Completer):
    """Completes the word before the cursor."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002
        """Give what the word can become, tables and fields before keywords."""
        before = document.text_before_cursor
        found = list(lexemes(before))
        if found and not found[-1].closed and found[-1].kind != "quoted":
            return
        match = _TYPED.search(before)
        typed = match.group() if match else ""
        context = _significant(lexemes(before[: len(before) - len(typed)]))
        for name, kind in self._offers(context, typed):
            if name.strip('"').lower().startswith(typed.strip('"').lower()):
                yield Completion(name, start_position=-len(typed), display_meta=kind)

    def _offers(self, context: list[Lexeme], typed: str) -> Iterator[tuple[str, str]]:
        last = context[-1].text.upper() if context else ""
        if last == "FORMAT" and len(context) == 1:
            yield from ((name, "format") for name in FORMATS)
        elif last == ".":
            yield from self._fields()
        elif last in _BEFORE_TABLES:
            yield from self._tables()
        else:
            if context:
                yield from self._fields()
                yield from self._tables()
            else:
                yield from ((word, "shell") for word in _SHELL_WORDS)
            yield from ((_cased(word, typed), "keyword") for word in _KEYWORDS)

    def _tables(self) -> Iterator[tuple[str, str]]:
        yield from ((name, "table") for name in sorted(self._names.tables))
        yield from ((f"_ql_committed_{name}", "committed view") for name in sorted(self._names.tables))
        yield from ((f"history({name})", "history") for name in sorted(self._names.tables))
        yield "information_schema.user_tables", "catalog"

    def _fields(self) -> Iterator[tuple[str, str]]:
        yield from ((_quoted(name), "field") for name in sorted(self._names.fields))


def _significant(found: Iterable[Lexeme]) -> list[Lexeme]:
    kept: list[Lexeme] = []
    for lexeme in found:
        if lexeme.text == ";":
            kept.clear()
        elif lexeme.kind not in {"blank", "comment"}:
            kept.append(lexeme)
    return kept


def _quoted(name: str) -> str:
    plain = _NAME.fullmatch(name) and name.upper() not in RESERVED_WORDS
    return name if plain else '"{}"'.format(name.replace('"', '""'))


def _cased(word: str, typed: str) -> str:
    return word.lower() if typed and typed == typed.lower() else word
