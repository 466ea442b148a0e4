"""Making everything anew that is derived from the journal: documents, history pointers, indexes and the catalog."""

from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

from ledger.audit.catalog import read_catalog, version_findings
from ledger.audit.check import Check
from ledger.audit.documents import DocumentCheck, history_findings
from ledger.audit.finding import Difference, Finding, Item, Kind, Progress, no_progress
from ledger.audit.indexes import IndexCheck
from ledger.audit.redactions import RedactionCheck
from ledger.catalog import CATALOG_KEY
from ledger.journal.revision import BlockAddress
from ledger.store.base import Conflict, Corrupt, Key, Store, StoreError
from ledger.strand import block_key

_CELLS_AT_ONCE = 25


class JournalDamagedError(Corrupt):
    """The journal itself is damaged, and nothing can be derived from it; `findings` name the blocks."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        where, what = findings[0]
        super().__init__(f"the journal is damaged, {where} {what}: restore it from a copy; nothing was rebuilt")


class LedgerInUseError(StoreError):
    """Somebody writes to the ledger while it is rebuilt."""

    def __init__(self) -> None:
        super().__init__("somebody writes to the ledger: stop them and rebuild again; what is done so far is right")


class Rebuild:
    """A rebuild of one ledger, which nobody may write to meanwhile.

    It compares every derived cell with the journal as a check does, and writes those that differ; so it may be
    interrupted and done again at any time, and a sound ledger is left as it is. Indexes that were being built, or whose
    build failed, are complete afterwards.

    Attributes:
        written: how many cells were written or deleted.
    """

    def __init__(
        self, store: Store, name: str, *, checkpoint: Path | None = None, progress: Progress = no_progress
    ) -> None:
        """Begin a rebuild, or go on with one.

        Args:
            checkpoint: where it is noted how much of the journal was read. The file is kept.

        Raises:
            LedgerNotFoundError: the store does not hold that ledger, or its settings are lost; they are not derived.
            CheckpointError: the file is of another ledger.
        """
        self._store = store
        self._progress = progress
        self.check = Check(store, name, checkpoint=checkpoint, progress=progress)
        self.written = 0

    def close(self) -> None:
        """Close the checkpoint."""
        self.check.close()

    def run(self) -> None:
        """Rebuild.

        Raises:
            JournalDamagedError: the journal is not sound. Nothing was written.
            LedgerInUseError: somebody wrote to the ledger.
        """
        self.check.read_journal()
        if findings := tuple(islice(self._journal_findings(), 100)):
            raise JournalDamagedError(findings)
        # The catalog comes last: it says that the indexes are complete.
        differences = chain(self._documents(), self._values(), self._redactions(), self._catalog())
        while batch := list(islice(differences, _CELLS_AT_ONCE)):
            self._write(batch)
        if self.check.read_journal():
            raise LedgerInUseError

    def _journal_findings(self) -> Iterator[Finding]:
        expected = self.check.expected
        yield from expected.findings()
        yield from version_findings(expected)
        for partition in expected.document_partitions():
            for document in expected.documents(partition):
                yield from history_findings(expected, document.document_id)

    def _documents(self) -> Iterator[Difference]:
        check, total = DocumentCheck(self._store, self.check.expected), self.check.expected.document_count()
        done = 0
        for partition in self.check.all_document_partitions():
            for _, differences in check.partition(partition):
                yield from differences
                done += 1
                self._progress("documents", done, max(done, total))

    def _values(self) -> Iterator[Difference]:
        check = IndexCheck(self._store, self.check.expected, self.check.catalog())
        total = self.check.expected.value_count()
        for done, partition in enumerate(self.check.expected.values(), 1):
            yield from check.differences(partition)
            self._progress("indexed values", done, total)

    def _redactions(self) -> Iterator[Difference]:
        return RedactionCheck(self._store, self.check.expected).all()

    def _catalog(self) -> Iterator[Difference]:
        cell, _ = read_catalog(self._store)
        wanted = self.check.catalog().to_cell()
        if cell is None or cell.data != wanted:
            finding = Finding("catalog", "is not what the journal defines")
            yield Difference(Item(Kind.CATALOG), finding, CATALOG_KEY, cell, partial(bytes, wanted))

    def _write(self, batch: list[Difference]) -> None:
        writes = {difference.key: difference.wanted() for difference in batch}
        expected = {difference.key: difference.found.version if difference.found else None for difference in batch}
        # Every commit of a transaction fills the next place of a strand. While those are empty, the journal is the one
        # that these cells were derived from; so a writer that was overlooked cannot have its changes undone.
        try:
            self._store.commit(writes, expected | dict.fromkeys(self._next_places()))
        except Conflict as conflict:
            raise LedgerInUseError from conflict
        self.written += len(writes)

    def _next_places(self) -> Iterator[Key]:
        for strand_id in self.check.settings.strands:
            next_sequence_no, _ = self.check.expected.position(strand_id)
            yield block_key(BlockAddress(strand_id, next_sequence_no))
