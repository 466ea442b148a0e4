"""From a statement's text to something that runs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ledger.ion import Value
from ledger.partiql.ddl import create_index, create_table, drop_index, drop_table, undrop_table
from ledger.partiql.dml import delete, edit, insert
from ledger.partiql.errors import PartiQLError
from ledger.partiql.parser import StatementParser
from ledger.partiql.query_syntax import Select
from ledger.partiql.redact import redact_revision
from ledger.partiql.scope import Environment, Program, Scope, parameter_slot
from ledger.partiql.select import select
from ledger.partiql.statements import (
    CreateIndex,
    CreateTable,
    Delete,
    DropIndex,
    DropTable,
    Edit,
    Insert,
    RedactRevision,
    UndropTable,
)
from ledger.partiql.tables import Tables

MAX_LENGTH = 100_000
"""QLDB's quota on the characters of a statement."""
_CACHED_LENGTH = 4_000
_CACHED_STATEMENTS = 1_000

_COMPILERS: dict[type, Callable[[Any, Scope], Callable[[Environment], Iterator[Value]]]] = {
    Select: select,
    Insert: insert,
    Edit: edit,
    Delete: delete,
    CreateTable: create_table,
    DropTable: drop_table,
    UndropTable: undrop_table,
    CreateIndex: create_index,
    DropIndex: drop_index,
    RedactRevision: redact_revision,
}


@dataclass(frozen=True, slots=True, repr=False)
class Statement:
    """A compiled statement, good for any number of executions, in any number of threads.

    Attributes:
        parameter_count: how many `?` it has.
    """

    parameter_count: int
    _slots: int
    _run: Callable[[Environment], Iterator[Value]]

    def execute(self, tables: Tables, parameters: Sequence[Value]) -> Iterator[Value]:
        """Run the statement and give its rows.

        What it writes is written when this returns. The rows of a SELECT are read as they are asked for, so the caller
        MUST take them all, or drop the iterator, before it writes to the same tables.

        Raises:
            PartiQLError: the number of parameters is wrong, a table does not exist, or values do not fit; also while
                rows are read. Errors of `tables` pass through.
        """
        if len(parameters) != self.parameter_count:
            raise PartiQLError(
                f"Number of parameters does not match: the statement has {self.parameter_count}, got {len(parameters)}"
            )
        try:
            return _guarded(self._run([tables, *parameters, *[None] * self._slots]))
        except RecursionError:
            raise _too_deep() from None


def _guarded(rows: Iterator[Value]) -> Iterator[Value]:
    try:
        yield from rows
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> PartiQLError:
    return PartiQLError("a value is nested too deeply to be compared or written")


def compile_statement(text: str, *, extensions: bool = False) -> Statement:
    """Parse and compile one statement; the statements used of late are kept.

    Args:
        extensions: whether a query may have what QLDB did not: GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET.

    Raises:
        PartiQLError: the text is longer than 100,000 characters, or is no statement that QLDB supports; the message
            gives line and column.
    """
    if len(text) > MAX_LENGTH:
        raise PartiQLError(f"a statement has at most {MAX_LENGTH} characters, got {len(text)}")
    return (_cached if len(text) <= _CACHED_LENGTH else _compiled)(text, extensions)


def _compiled(text: str, extensions: bool) -> Statement:
    parser = StatementParser(text, extensions=extensions)
    syntax = parser.statement()
    first_slot = parameter_slot(parser.parameter_count)
    program = Program(text, first_slot, select)
    run = _COMPILERS[type(syntax)](syntax, Scope(program))
    return Statement(parser.parameter_count, program.next_slot - first_slot, run)


_cached = lru_cache(maxsize=_CACHED_STATEMENTS)(_compiled)
