"""The file in which a check notes what it learned, so that it needs no memory, and can be interrupted.

Each commit of the file holds how far the check got together with all that was learned up to there. So a check that is
killed goes on from the last commit, and nothing counts twice.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from ledger.audit.finding import Finding, Item, Kind
from ledger.store.base import StoreError

_FORMAT = "4"
_SAVE_SECONDS = 1.0
_CACHE_KIB = 65_536
_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS finding (
    kind TEXT, partition TEXT, name TEXT, round INTEGER, whereabouts TEXT, what TEXT, pass INTEGER, seen TEXT,
    settled INTEGER, UNIQUE (kind, partition, name, whereabouts, what));
"""


class CheckpointError(StoreError):
    """A checkpoint file cannot be used; the message says what to do."""


class OtherLedgerError(CheckpointError):
    """A checkpoint file is of another ledger, or of other strands."""


class Checkpoint:
    """Named values and findings, in an SQLite file. For one thread.

    A finding about something that is derived from the journal is not settled at first: a block that was not read yet
    may explain it. Those that are not settled are given to nobody.

    Attributes:
        round: how many times the journal was read on.
        sighting: what is noted beside a finding that is new: the number of the pass in which it was seen, and JSON.
        schema: of the tables that a subclass adds.
    """

    schema: ClassVar[str] = ""

    def __init__(self, ledger: str, file: Path | None = None) -> None:
        """Open a checkpoint, or begin one.

        Args:
            ledger: whose journal it is, its name and its strands.
            file: kept when this is closed, to go on with; `None` for one that vanishes.

        Raises:
            CheckpointError: the file is of something else.
        """
        self._file = file
        self._saved = time.monotonic()
        self._database = sqlite3.connect(file or "")
        try:
            self._open(ledger)
        except sqlite3.DatabaseError as error:
            self.close()
            raise CheckpointError(f"{file} is not a checkpoint of a check: {error}; give another file") from error
        except CheckpointError:
            self.close()
            raise
        self.round: int = self.load("round", 0)
        self.sighting: tuple[int, Any] = (0, None)

    def _open(self, ledger: str) -> None:
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.executescript(_SCHEMA + self.schema)
        if self.load("ledger", None) is None:
            self.store("format", _FORMAT)
            self.store("ledger", ledger)
            self.save()
        if self.load("format", None) != _FORMAT:
            raise CheckpointError(f"{self._file} is a checkpoint of another version: remove it")
        if self.load("ledger", None) != ledger:
            raise OtherLedgerError(f"{self._file} is a checkpoint of another ledger: remove it")

    def close(self) -> None:
        """Close the file; what was not saved is forgotten."""
        self._database.close()

    def save(self) -> None:
        """Make everything up to here survive a kill."""
        self._database.commit()
        self._saved = time.monotonic()

    def undo(self) -> None:
        """Forget what was learned since the last `save`: a step may have been left half-way."""
        self._database.rollback()

    def save_now_and_then(self, **values: Any) -> None:
        """Store values and save, if the last time was a second ago. MUST be called only between two whole steps."""
        if time.monotonic() - self._saved > _SAVE_SECONDS:
            for name, value in values.items():
                self.store(name, value)
            self.save()

    def load(self, name: str, default: Any) -> Any:
        """Return what `store` put under this name."""
        row = self._row("SELECT value FROM state WHERE name = ?", name)
        return default if row is None else json.loads(row[0])

    def store(self, name: str, value: Any) -> None:
        """Keep a JSON-able value."""
        self._write("INSERT OR REPLACE INTO state VALUES (?, ?)", name, json.dumps(value))

    def next_round(self) -> None:
        """Begin a new round."""
        self.round += 1
        self.store("round", self.round)

    # Findings

    def add_finding(self, finding: Finding, item: Item | None = None) -> None:
        """Keep a finding, or note that it was made again; with a derived item it is yet to be settled."""
        row = ("", "", "") if item is None else item
        is_settled = item is None or not item.kind.is_derived
        number, seen = self.sighting
        self._write(
            "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET round = excluded.round, pass = excluded.pass",
            *(*row, self.round, *finding, number, json.dumps(seen), is_settled),
        )

    @contextmanager
    def in_doubt(self, item: Item) -> Iterator[None]:
        """Doubt the findings about an item: those that are not made again in the block are dropped at its end."""
        if not self.has_findings(item):
            yield
            return
        of_item = "WHERE kind = ? AND partition = ? AND name = ?"
        self._write(f"UPDATE finding SET round = -1 {of_item}", *item)  # noqa: S608 - a constant
        yield
        self._write(f"DELETE FROM finding {of_item} AND round = -1", *item)  # noqa: S608 - a constant

    def settle_findings(self, before: int) -> None:
        """Note that nothing explains the findings that were made before a round."""
        self._write("UPDATE finding SET settled = 1 WHERE round < ? AND NOT settled", before)

    def has_unsettled(self) -> bool:
        """Tell whether there are findings that are not settled."""
        return self._row("SELECT 1 FROM finding WHERE NOT settled") is not None

    def has_findings_of(self, kind: Kind) -> bool:
        """Tell whether there are findings about things of a kind."""
        return self._row("SELECT 1 FROM finding WHERE kind = ?", kind) is not None

    def has_findings(self, item: Item) -> bool:
        """Tell whether there are findings about an item, settled or not."""
        where = "WHERE kind = ? AND partition = ? AND name = ?"
        return self._row(f"SELECT 1 FROM finding {where}", *item) is not None  # noqa: S608 - a constant

    def forget_older_findings(self, number: int) -> None:
        """Drop the findings that were last seen before a pass."""
        self._write("DELETE FROM finding WHERE pass < ?", number)

    def findings(self) -> Iterator[Finding]:
        """Give the findings in the order in which they were made."""
        query = "SELECT whereabouts, what FROM finding WHERE settled ORDER BY rowid"
        return map(Finding._make, self._database.execute(query))

    def sighted(self) -> Iterator[tuple[str, str, str, Finding, Any]]:
        """Give kind, partition and name of what each finding is about, the finding, and what was noted beside it."""
        query = "SELECT kind, partition, name, whereabouts, what, seen FROM finding WHERE settled ORDER BY rowid"
        for kind, partition, name, where, what, seen in self._database.execute(query):
            yield kind, partition, name, Finding(where, what), json.loads(seen)

    def finding_count(self) -> int:
        """Return how many findings there are."""
        return self._count("SELECT count(*) FROM finding WHERE settled")

    def _row(self, query: str, *parameters: Any) -> Any:
        return self._database.execute(query, parameters).fetchone()

    def _count(self, query: str) -> int:
        return int(self._row(query)[0])

    def _write(self, query: str, *parameters: Any) -> None:
        self._database.execute(query, parameters)

    def _add(self, query: str, *parameters: Any) -> bool:
        return self._database.execute(query, parameters).rowcount == 1
