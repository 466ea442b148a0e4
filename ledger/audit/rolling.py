"""A check that never ends: what is new, each time it runs; and all the rest again, a part each time."""

import json
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from ledger import clock
from ledger.audit.check import Check
from ledger.audit.digests import DigestChain, RootCheck
from ledger.audit.expected import AGAIN, FIRST, Expected
from ledger.audit.finding import Item, Kind, Progress, no_progress
from ledger.audit.noting import Carried
from ledger.audit.state import AuditState
from ledger.notary.archive import Archive
from ledger.store.base import Store
from ledger.verification.ecdsa import Keys
from ledger.verification.statement import Statement

_AT_ONCE = 1000


def last_sighting(checkpoint: Path, now: datetime) -> dict[str, Any]:
    """Return what is noted beside a finding about a ledger that cannot be checked at all, from what is known of it."""
    right = None
    if checkpoint.exists():
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(checkpoint)) as database:
            row = database.execute("SELECT value FROM state WHERE name = 'pass'").fetchone()
            right = row and json.loads(row[0])["right"]
    return {"since": right, "found": clock.write(now)}


class RollingCheck(Check):
    """A check that goes on from run to run, and holds the journal against the notarised digests.

    What it proves beyond a `Check`: the journal is the one that was notarised, whoever wrote to the table since.

    Attributes:
        compared: how many things that new blocks had changed were compared.
    """

    expected: AuditState
    expected_type: ClassVar[type[Expected]] = AuditState

    def __init__(
        self,
        store: Store,
        name: str,
        archive: Archive,
        keys: Keys,
        *,
        checkpoint: Path | None = None,
        progress: Progress = no_progress,
        carried: Carried = MappingProxyType({}),
        now: datetime,
    ) -> None:
        """Begin a check, or go on with one.

        Args:
            archive: of the ledger's notarised digests.
            keys: those that may have signed them.
            carried: fields that go on from another field of the revision before.
            now: noted beside new findings.

        Raises:
            LedgerNotFoundError: the store does not hold that ledger.
            OtherLedgerError: the checkpoint is of another ledger, or of one with other strands.
            CheckpointError: the checkpoint cannot be used.
        """
        super().__init__(store, name, checkpoint=checkpoint, progress=progress, carried=carried)
        self._chain = DigestChain(archive, name, keys, self.expected)
        self._roots = RootCheck(store, self.expected, self._chain)
        self._now = clock.write(now)
        self.compared = 0
        self.expected.notes_changes = self.expected.load("caught up", False)
        self.expected.sighting = self.passes["number"], {"since": self.passes["right"], "found": self._now}

    @property
    def passes(self) -> dict[str, Any]:
        """Return the state of the check of everything that is under way.

        `number` counts from 1; `began` is when, `None` if it has not yet; `digest`, the newest then; `right`, the
        newest digest when the last complete one began: what it found in order was in order then. `completed` is when
        that was done.
        """
        begun = {"number": 1, "began": None, "digest": None, "right": None, "completed": None}
        found: dict[str, Any] = self.expected.load("pass", begun)
        return found

    @property
    def stage(self) -> str:
        """Return what the check of everything is at: digests, blocks, documents or values."""
        return str(self.expected.load("at", ["documents"])[0])

    @property
    def digests_read(self) -> int:
        """Return how many notarised digests were read."""
        return self._chain.read

    @property
    def blocks_read(self) -> int:
        """Return how many blocks were read."""
        return self._reader.blocks

    def newest_digest(self) -> Statement | None:
        """Return the newest notarised digest that is sound."""
        return self.expected.last_digest()

    def catch_up(self) -> None:
        """Check what is new: the digests, the blocks, and whatever the blocks changed."""
        self._check_digests(FIRST)
        # The first reading of the journal is part of the first pass.
        if self.passes["number"] == 1:
            self._begin_pass()
        self.read_journal()
        self._compare_ends(FIRST)
        self._compare_changed()
        self._comparison.compare([Item(Kind.SETTINGS), Item(Kind.CATALOG)])
        self.settle()
        self.expected.store("caught up", True)
        self.expected.notes_changes = True
        self.expected.save()

    def roll(self) -> None:
        """Check everything else again, from where that was interrupted; then note that the next time is another."""
        self._begin_pass()
        if self.stage == "digests":
            self._check_digests(AGAIN)
            # Some may have been taken since the journal was read: it must be read as far as they go.
            self.read_journal()
            self._compare_ends(AGAIN)
            self._save_stage("blocks")
        if self.stage == "blocks":
            self._reader.read_again(self._noted_indexes())
            newest = self.expected.last_digest()
            if newest is not None:
                self._roots.compare(newest, AGAIN)
            self._comparison.begin()
        self._comparison.go_on()
        self.settle()
        self._end_pass()

    def _check_digests(self, reading: str) -> None:
        """Check the digests behind the last one of a reading.

        Note those that the journal must fit: the newest; and the last before each that is not sound, since the others
        are proven to be continued by the next.
        """
        last = self.expected.last_digest(reading)
        for statement, continues in self._chain.following(last, is_newest=reading == FIRST):
            if statement is not None:
                if last is not None and not continues:
                    self.expected.keep_end(last, reading)
                last = statement
                self.expected.keep_digest(statement, reading)
            self.expected.save_now_and_then()
            self._progress("digests", self._chain.read, self._chain.read)

    def _compare_ends(self, reading: str) -> None:
        """Hold the journal against the digests that were noted for that."""
        last = self.expected.last_digest(reading)
        for statement in (*self.expected.ends(reading), *(() if last is None else (last,))):
            self._roots.compare(statement)
        self.expected.forget_ends(reading)

    def _compare_changed(self) -> None:
        while items := self.expected.changed(_AT_ONCE):
            # An item of which something is said is compared as a whole: it may have been put right.
            beginnings = [(item, 0 if self.expected.has_findings(item) else first) for item, first in items]
            for item in self._comparison.compare_each(beginnings):
                self.expected.forget_changed(item)
                self.expected.save_now_and_then()
                self.compared += 1
                self._progress("changes", self.compared, self.compared)

    def _begin_pass(self) -> None:
        if self.passes["began"] is None:
            newest = self.expected.last_digest()
            digest = newest and {"number": newest.number, "date": newest.date}
            self.expected.store("pass", {**self.passes, "began": self._now, "digest": digest})

    def _end_pass(self) -> None:
        done = self.passes
        # What was wrong and was not seen again in a whole pass has been put right.
        self.expected.forget_older_findings(done["number"])
        following = {"number": done["number"] + 1, "began": None, "digest": None}
        self.expected.store("pass", {**following, "right": done["digest"], "completed": self._now})
        self.expected.keep_digest(None, AGAIN)
        self.expected.begin_again()
        if self.expected.load("wrong notes", False):
            self._learn_anew()
        else:
            self._save_stage("digests")

    def _learn_anew(self) -> None:
        self.expected.forget_journal()
        for name in ("wrong notes", "caught up"):
            self.expected.store(name, False)
        self._save_stage("documents")

    def _save_stage(self, stage: str) -> None:
        self.expected.store("at", [stage, "", ""])
        self.expected.save()
