"""The file of the SQLite store: its mark and schema, connections, and what SQLite's errors mean."""

import contextlib
import os
import queue
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from ledger.store.base import Corrupt, StoreError, Throttled, Unavailable, Unusable

APPLICATION_ID = 0x4C444752
SCHEMA_VERSION = 1
PAGE_BYTES = 8192
MEMORY = ":memory:"

_SCHEMA = """
CREATE TABLE cell (
    partition TEXT NOT NULL,
    sort TEXT NOT NULL,
    version INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (partition, sort)
) WITHOUT ROWID
"""


class ConnectionPool:
    """Connections to one file: each is used by one thread at a time, and opened when none is idle."""

    def __init__(self, path: str, busy_timeout_seconds: float) -> None:
        """Open the file, and create it if there is none.

        Raises:
            Unusable: the file is not a ledger's, is of a newer version, or cannot be opened or written.
        """
        self.path = path
        self._busy_timeout_seconds = busy_timeout_seconds
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._pid = os.getpid()
        self._closed = False
        with translated(path):
            self._idle.put(self._open())

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; SQLite's errors come out as store errors, and a transaction left open is rolled back."""
        connection = self._take()
        try:
            with translated(self.path):
                yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close the idle connections now, and lent ones when they come back."""
        self._closed = True
        if self._pid != os.getpid():
            return
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            raise Unusable(f"{self.path}: the store is closed; open it again")
        if self._pid != os.getpid():
            # SQLite forbids using a connection in a child: https://sqlite.org/howtocorrupt.html, section 2.6.
            raise Unusable(f"{self.path}: the store was opened in process {self._pid}; open it again after a fork")
        if self.path == MEMORY:
            return self._idle.get()
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            with translated(self.path):
                return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.rollback()
        except sqlite3.Error:
            connection.close()
            if self.path != MEMORY:
                return
        self._idle.put(connection)
        if self._closed:
            self.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            # FULL: in WAL mode only this fsyncs at each commit; NORMAL would lose acknowledged commits with the power.
            # fullfsync: on macOS fsync alone leaves data in the drive's cache. It has no effect elsewhere.
            # secure_delete: what is redacted must not be found in freed parts of the file.
            for pragma in ("synchronous = FULL", "fullfsync = ON", "checkpoint_fullfsync = ON", "secure_delete = ON"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _open(self) -> sqlite3.Connection:
        connection = self._connect()
        try:
            _check_mark(connection, self.path)
            # Of a new file only. A cell over a quarter of a page takes pages of its own: with SQLite's 4096 bytes that
            # befalls most blocks, and the file is two and a half times as large.
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            _turn_on_wal(connection, self.path, self._busy_timeout_seconds)
            _create_schema(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection


def _check_mark(connection: sqlite3.Connection, path: str) -> bool:
    """Tell whether the file has our schema already; a foreign or newer one is refused, before anything is changed."""
    application_id, version = (_pragma(connection, name) for name in ("application_id", "user_version"))
    if application_id == APPLICATION_ID:
        if version != SCHEMA_VERSION:
            raise Unusable(f"{path}: schema version {version}, this program knows {SCHEMA_VERSION}; use a newer one")
        return True
    if application_id or version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise Unusable(f"{path}: an SQLite file of another application (id {application_id}); give another path")
    return False


def _turn_on_wal(connection: sqlite3.Connection, path: str, timeout_seconds: float) -> None:
    # The switch to WAL needs the file alone and does not wait by the busy timeout: two processes that create the same
    # file at once get "locked" here, so wait for the other one ourselves.
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            mode = _pragma(connection, "journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if _primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    if mode != "wal" and path != MEMORY:
        raise Unusable(f"{path}: journal mode is {mode}, not wal; put the file on a local disk")


def _create_schema(connection: sqlite3.Connection, path: str) -> None:
    if _check_mark(connection, path):
        return
    # Mark and table in one transaction: a process killed here leaves an empty file, which the next one takes over.
    connection.execute("BEGIN IMMEDIATE")
    if not _check_mark(connection, path):
        connection.execute(_SCHEMA)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _pragma(connection: sqlite3.Connection, text: str) -> int | str:
    value: int | str = connection.execute(f"PRAGMA {text}").fetchone()[0]
    return value


@contextlib.contextmanager
def translated(path: str) -> Iterator[None]:
    """Raise SQLite's errors as store errors that name the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path) from error


def store_error(error: sqlite3.Error, path: str) -> StoreError:
    """Find the store error for one of SQLite's, by its primary result code (https://sqlite.org/rescode.html)."""
    code = _primary_code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Throttled(f"{path}: another writer held the file for longer than the busy timeout; retry later")
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return Unusable(f"{path}: {error}; make space, or give this process the right to write the file and its folder")
    if code == sqlite3.SQLITE_NOTADB:
        return Unusable(f"{path}: not an SQLite file; give another path")
    if code == sqlite3.SQLITE_CORRUPT:
        return Corrupt(f"{path}: {error}; stop, and restore the file from a copy")
    return Unavailable(f"{path}: {error}")


def _primary_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def file_path(path: str | Path) -> str:
    """Give the path as SQLite is to have it, the same whatever the working directory becomes later."""
    return MEMORY if str(path) == MEMORY else str(Path(path).absolute())
