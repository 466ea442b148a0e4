"""A whole check of a ledger: read the journal, compare everything with it, and doubt what was found."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from ledger import settings as ledger_settings
from ledger.audit.catalog import read_catalog
from ledger.audit.comparing import Comparison
from ledger.audit.expected import Expected
from ledger.audit.finding import Finding, Progress, no_progress
from ledger.audit.journal import JournalReader
from ledger.audit.noting import Carried, Indexes
from ledger.catalog import Catalog, Index
from ledger.store.base import Store

_ROUNDS = 5
_AT_ONCE = 1000


def audit(store: Store, name: str) -> Iterator[Finding]:
    """Give everything that is wrong with a ledger; nothing if all is well. It may be written to meanwhile.

    Memory does not grow with the ledger: what the journal says is kept in a temporary file.

    Raises:
        LedgerNotFoundError: the store does not hold that ledger.
        StoreError: a cell cannot be read; unlike one whose content is damaged, which is a finding.
    """
    with closing(Check(store, name)) as check:
        yield from check.run()


class Check:
    """A check of one ledger that can be interrupted.

    What it proves: every block, at the moment when it was read, had the hashes that its content gives, and chained to
    the block before it; and every other cell that the ledger can come upon was what these blocks make of it.
    What it cannot: that the journal was not cut off at its end, or written anew as a whole. For that, keep a digest.
    """

    expected_type: ClassVar[type[Expected]] = Expected

    def __init__(
        self,
        store: Store,
        name: str,
        *,
        checkpoint: Path | None = None,
        progress: Progress = no_progress,
        carried: Carried = MappingProxyType({}),
    ) -> None:
        """Begin a check, or go on with one.

        A check that goes on vouches for each block as it was when it was read, before the interruption or after.

        Args:
            checkpoint: where to note how far it got. The file is kept; a check that is done has no more use of it.
            carried: fields that go on from another field of the revision before.

        Raises:
            LedgerNotFoundError: the store does not hold that ledger.
            CheckpointError: the file is of another ledger.
        """
        self._store = store
        self.settings = ledger_settings.load(store, name)
        self.expected = self.expected_type(json.dumps([name, *self.settings.strands]), checkpoint)
        self._progress = progress
        self._reader = JournalReader(store, self.settings, self.expected, progress, carried)
        self._comparison = Comparison(store, self.settings, self.expected, progress)
        self.was_interrupted = self.expected.round > 0
        self._doubts_checkpoint = self.was_interrupted

    def close(self) -> None:
        """Close the checkpoint."""
        self.expected.close()

    def run(self) -> Iterator[Finding]:
        """Do what is left of the check, then give all findings, also those from before an interruption."""
        self.complete()
        yield from self.expected.findings()

    def complete(self) -> None:
        """Do what is left of the check; the findings are in `expected`."""
        self.read_journal()
        self._comparison.go_on()
        self.settle()
        self.expected.save()

    def read_journal(self) -> bool:
        """Check all blocks that are new since the last time and note what they say; `False` if there are none."""
        if self._doubts_checkpoint:
            self._reader.check_checkpoint()
            self._doubts_checkpoint = False
        has_grown = self._reader.read_on(self._noted_indexes())
        self._note_missing_indexes()
        return has_grown

    def catalog(self) -> Catalog:
        """Return the catalog that the journal defines."""
        return self._comparison.catalog()

    def all_document_partitions(self) -> list[str]:
        """Return every partition that may hold documents."""
        return self._comparison.document_partitions()

    # Which indexes' values were noted when the blocks were read

    def _noted_indexes(self) -> Indexes:
        """Return the indexes to take values for: first those of the catalog's cell, as good a guess as any."""
        noted = self.expected.load("indexes", None)
        if noted is None:
            _, found = read_catalog(self._store)
            noted = [] if found is None else _indexes(found)
            self.expected.store("indexes", noted)
        return _by_table(noted)

    def _note_missing_indexes(self) -> None:
        # The catalog's cell may be wrong, or an index may be new: what the journal defines decides, and what was not
        # noted on the way is looked up by going through the blocks again.
        noted, defined = self.expected.load("indexes", []), _indexes(self.catalog())
        missing = [index for index in defined if index not in noted]
        if not missing:
            return
        ids = {index_id for _, index_id, _ in missing}
        if self.expected.load("adding", None) != missing:
            for index_id in ids:
                self.expected.forget_values(index_id)
            self._reader.forget_values_added()
            self.expected.store("adding", missing)
        self._reader.add_values(_by_table(missing))
        self.expected.store("indexes", [*(index for index in noted if index[1] not in ids), *missing])
        self.expected.save()

    def settle(self) -> None:
        """Settle which findings are real, and which are changes that somebody made just while they were compared.

        A cell was read at some moment after its round began, and was expected to be as the journal was read in that
        round. If no block of a later round changed what is expected, then it was the same at that moment, and the
        difference is real. Else the cell is compared again, and doubted again. What is never left in peace stays
        unsettled, and is nobody's finding.
        """
        for _ in range(_ROUNDS):
            if not self.expected.has_unsettled():
                return
            # A cell may be seen before the block of its commit is; after this long the block is to be seen, too.
            self._pause(getattr(self._store, "torn_seconds", 0.0))
            self.read_journal()
            # What is compared from here on is not settled by a journal that was read before.
            self.expected.next_round()
            while items := list(islice(self.expected.outdated(), _AT_ONCE)):
                self._comparison.compare(items)
            self.expected.settle_findings(self.expected.round)
            self.expected.save()

    def _pause(self, seconds: float) -> None:
        if seconds:
            time.sleep(seconds)


def _indexes(catalog: Catalog) -> list[list[str]]:
    return [[table.id, index.id, index.field] for table in catalog.tables for index in table.indexes]


def _by_table(indexes: list[list[str]]) -> Indexes:
    found: dict[str, list[Index]] = {}
    for table_id, index_id, field in indexes:
        found.setdefault(table_id, []).append(Index(index_id, field))
    return found
