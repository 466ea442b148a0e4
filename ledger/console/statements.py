"""PartiQL statements as a page runs them: each in a transaction of its own, its rows a page at a time."""

import time
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from ledger import ion
from ledger.console.errors import ReadOnlyException
from ledger.console.watch import Watch, WatchedTransaction
from ledger.errors import BadRequestException, OccConflictException
from ledger.journal.hashing import dot
from ledger.ledger import Ledger
from ledger.partiql import compile_statement
from ledger.partiql.parser import StatementParser
from ledger.partiql.query_syntax import Select

_PAGE_ROWS = 200
_PAGE_CHARACTERS = 1_000_000
_ATTEMPTS = 5
_END = object()


class Page(NamedTuple):
    """Some rows of a result, as Ion text, and what it took to get them.

    Attributes:
        is_last: there are no more, and the transaction is committed.
    """

    rows: list[str]
    is_last: bool
    read_ios: int
    write_ios: int
    milliseconds: float
    transaction_id: str


class Execution:
    """One run of one statement. Two calls at once are not for it."""

    def __init__(self, ledger: Ledger, text: str, parameters: Sequence[str], watch: Watch) -> None:
        self._ledger = ledger
        self._text = text
        self._parameters = parameters
        self._watch = watch

    def start(self) -> Page:
        """Run the statement and return its first rows. After a conflict it is run again, as drivers do.

        Raises:
            PartiQLError, QldbError, ApiError, StoreError: it failed, and has changed nothing.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._timed(begin=True)
            except OccConflictException:
                continue
        return self._timed(begin=True)

    def more(self) -> Page:
        """Return the next rows.

        Raises:
            OccConflictException: these are the last, and other transactions have changed meanwhile what was read: all
                the rows together are not of one moment.
        """
        self._watch.restart()
        return self._timed(begin=False)

    def _timed(self, *, begin: bool) -> Page:
        store, started = self._ledger.store, time.perf_counter()
        reads, writes = store.reads, store.writes
        if begin:
            self._begin()
        rows, is_last = self._page()
        if is_last:
            self._ledger.commit(self._transaction)
        milliseconds = round(1000 * (time.perf_counter() - started), 1)
        usage = store.reads - reads, store.writes - writes
        return Page(rows, is_last, *usage, milliseconds, self._transaction.transaction_id)

    def _begin(self) -> None:
        compiled = compile_statement(self._text, extensions=self._ledger.extensions)
        values = [_value(number, text) for number, text in enumerate(self._parameters, 1)]
        digest = ion.digest(self._text)
        for value in values:
            digest = dot(digest, ion.digest(value))
        self._transaction = WatchedTransaction(self._ledger, self._watch)
        self._transaction.start_statement(self._text, self._ledger.clock(), digest, {})
        self._rows: Iterator[ion.Value] = compiled.execute(self._transaction, values)

    def _page(self) -> tuple[list[str], bool]:
        rows: list[str] = []
        size = 0
        for row in self._rows:
            rows.append(ion.text(row))
            size += len(rows[-1])
            if len(rows) == _PAGE_ROWS or size >= _PAGE_CHARACTERS:
                break
        ahead = next(self._rows, _END)
        self._rows = chain((ahead,), self._rows)
        return rows, ahead is _END


def require_query(text: str, *, extensions: bool) -> None:
    """Check that a statement only reads.

    Raises:
        ReadOnlyException: it does not.
        PartiQLError: it is no statement.
    """
    if not isinstance(StatementParser(text, extensions=extensions).statement(), Select):
        raise ReadOnlyException


def _value(number: int, text: str) -> ion.Value:
    try:
        return ion.parse(text)
    except ion.IonError as error:
        raise BadRequestException(
            f"parameter {number} is {error}: write it as Ion, a string in double quotes"
        ) from None
