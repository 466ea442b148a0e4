"""The embedded store: one SQLite file, durable at each commit, for many threads and processes at once."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ledger.store.base import (
    Cell,
    Conflict,
    Counted,
    Key,
    OutcomeUnknown,
    Throttled,
    TooLarge,
    check_commit,
    check_limit,
)
from ledger.store.fair_lock import FairLock
from ledger.store.sqlite_file import ConnectionPool, file_path, store_error

_PAGE_CELLS = 256
_PAGE_BYTES = 1 << 20
_CELL_BYTES = 500_000_000


class SQLiteStore(Counted):
    """A `Store` in one file in WAL mode. `:memory:` gives a private store that ends with the process."""

    def __init__(self, path: str | Path, *, busy_timeout_seconds: float = 10.0) -> None:
        """Open the file at `path`, and create it if there is none.

        Args:
            path: the file, on a local disk; its folder must exist.
            busy_timeout_seconds: how long a commit waits for other writers before `Throttled`.

        Raises:
            Unusable: the file is not a ledger's, is of a newer version, or cannot be opened or written.
        """
        super().__init__()
        self._path = file_path(path)
        self._busy_timeout_seconds = busy_timeout_seconds
        self._pool = ConnectionPool(self._path, busy_timeout_seconds)
        self._writer = FairLock()

    def get(self, keys: Iterable[Key]) -> dict[Key, Cell]:
        """Read cells by key, all of one instant; see `Store.get`."""
        wanted, found = list(keys), dict[Key, Cell]()
        with self._pool.connection() as connection:
            connection.execute("BEGIN")
            for key in wanted:
                row = connection.execute(
                    "SELECT version, data FROM cell WHERE partition = ? AND sort = ?", key
                ).fetchone()
                if row:
                    found[key] = Cell(*row)
            connection.execute("COMMIT")
        self._usage.reads += len(found)
        return found

    def scan(
        self,
        partition: str,
        *,
        start: str | None = None,
        stop: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[Key, Cell]]:
        """Read a range of a partition in pages of at most 256 cells or about 1 MB; see `Store.scan`."""
        check_limit(limit)
        return self._pages(_Range(partition, start, stop, reverse), limit)

    def _pages(self, cells: "_Range", limit: int | None) -> Iterator[tuple[Key, Cell]]:
        left = limit
        while left is None or left > 0:
            page, more = self._page(cells, _PAGE_CELLS if left is None else min(left, _PAGE_CELLS))
            for item in page:
                self._usage.reads += 1
                yield item
            if not more:
                return
            cells.pass_over(page[-1][0].sort)
            left = None if left is None else left - len(page)

    def _page(self, cells: "_Range", most: int) -> tuple[list[tuple[Key, Cell]], bool]:
        page: list[tuple[Key, Cell]] = []
        size = 0
        with self._pool.connection() as connection:
            # Closing the cursor ends the read transaction: one left open would keep the log from being checkpointed.
            cursor = connection.execute(*cells.query(most))
            for sort, version, data in cursor:
                page.append((Key(cells.partition, sort), Cell(version, data)))
                size += len(data)
                if size >= _PAGE_BYTES:
                    cursor.close()
                    return page, True
        return page, len(page) == most

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        """Write all cells or none, on disk when this returns; see `Store.commit`."""
        check_commit(writes, expected)
        for data in writes.values():
            if data is not None and len(data) > _CELL_BYTES:
                raise TooLarge("bytes in one cell", len(data), _CELL_BYTES)
        if writes:
            self._write(writes, expected)
        else:
            with self._pool.connection() as connection:
                connection.execute("BEGIN")
                _check(connection, expected)
        self._usage.writes += len(writes)

    def _write(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        # SQLite's busy handler sleeps and is unfair; threads of this process queue for the file here, first come first.
        if not self._writer.acquire(timeout=self._busy_timeout_seconds):
            raise Throttled(
                f"{self._path}: other threads kept the file for {self._busy_timeout_seconds} s; retry later"
            )
        try:
            with self._pool.connection() as connection:
                # IMMEDIATE takes the write lock before the versions are read, so that nobody can write in between.
                connection.execute("BEGIN IMMEDIATE")
                _check(connection, expected)
                _apply(connection, writes, expected)
                self._make_durable(connection)
        finally:
            self._writer.release()

    def _make_durable(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            # After a failed fsync the log may hold the whole transaction, and recovery after a crash would bring it
            # back. All other failures (no space, for one) come before the frame that makes the log count as committed.
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
                raise OutcomeUnknown(f"{self._path}: {error} at commit; look before you retry") from error
            raise store_error(error, self._path) from error

    def scrub(self) -> None:
        """Move the write-ahead log into the file and empty it; freed parts of the file are overwritten with zeros.

        While others read an older state the log stays; it is emptied by a later call, or when the file is closed.
        """
        with self._pool.connection() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        self._pool.close()


class _Range:
    """What is left of a scan."""

    def __init__(self, partition: str, start: str | None, stop: str | None, reverse: bool) -> None:
        self.partition = partition
        self._low, self._low_test = start, ">="
        self._high = stop
        self._reverse = reverse

    def pass_over(self, sort: str) -> None:
        """Leave out everything up to and with `sort`, the last one given."""
        if self._reverse:
            self._high = sort
        else:
            self._low, self._low_test = sort, ">"

    def query(self, most: int) -> tuple[str, list[str | int]]:
        """Give SQL and its parameters for the next cells; text compares by its UTF-8 bytes (collation BINARY)."""
        text, parameters = "SELECT sort, version, data FROM cell WHERE partition = ?", [self.partition]
        if self._low is not None:
            text, parameters = f"{text} AND sort {self._low_test} ?", [*parameters, self._low]
        if self._high is not None:
            text, parameters = f"{text} AND sort < ?", [*parameters, self._high]
        return f"{text} ORDER BY sort {'DESC' if self._reverse else 'ASC'} LIMIT ?", [*parameters, most]


def _check(connection: sqlite3.Connection, expected: Mapping[Key, int | None]) -> None:
    lost = []
    for key, version in expected.items():
        row = connection.execute("SELECT version FROM cell WHERE partition = ? AND sort = ?", key).fetchone()
        if (row[0] if row else None) != version:
            lost.append(key)
    if lost:
        raise Conflict(lost)


def _apply(
    connection: sqlite3.Connection, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]
) -> None:
    for key, data in writes.items():
        if data is None:
            connection.execute("DELETE FROM cell WHERE partition = ? AND sort = ?", key)
        else:
            row = (*key, (expected[key] or 0) + 1, data)
            connection.execute("INSERT OR REPLACE INTO cell (partition, sort, version, data) VALUES (?, ?, ?, ?)", row)
