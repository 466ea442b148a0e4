"""Reading the journal from where the last reading ended: each block is checked, and what it says is noted."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from ledger import ion
from ledger.audit.blocks import GENESIS, CheckedBlock, Link, block_place, check_block, content_of, readable
from ledger.audit.expected import Expected, place
from ledger.audit.finding import Finding, Progress
from ledger.catalog import Index
from ledger.documents import write_current
from ledger.indexes import document_partition
from ledger.journal.cell import read_block, read_tip
from ledger.journal.revision import BlockAddress, Revision
from ledger.settings import Settings
from ledger.store.base import Corrupt, Key, Store
from ledger.strand import block_key

Indexes = Mapping[str, Sequence[Index]]
"""The indexes of each table, by its id."""


class JournalReader:
    """Reads all strands of a ledger and notes what they say in `expected`."""

    def __init__(self, store: Store, settings: Settings, expected: Expected, progress: Progress) -> None:
        self._store = store
        self._settings = settings
        self._expected = expected
        self._progress = progress

    def check_checkpoint(self) -> None:
        """Find out whether the blocks that were read last, before an interruption, are still there."""
        for strand_id in self._settings.strands:
            next_sequence_no, link = self._expected.position(strand_id)
            if link is None:
                continue
            key = block_key(BlockAddress(strand_id, next_sequence_no - 1))
            cell = self._store.get([key]).get(key)
            # A block's hash stands for all blocks before it, and the next block will be checked to chain to it.
            if cell is None or _hash_of(cell.data) != Link.from_json(link).hash:
                where = block_place(strand_id, next_sequence_no - 1)
                self._expected.add_finding(Finding(where, "is not the one that was there before the interruption"))

    def read_on(self, indexes: Indexes) -> bool:
        """Read all blocks that are new since the last time; `False` if there are none.

        Args:
            indexes: whose values are noted.
        """
        total = sum(self._length(strand_id) for strand_id in self._settings.strands)
        before = self._expected.blocks()
        if self._expected.round and total <= before:
            return False
        self._expected.next_round()
        for strand_id in self._settings.strands:
            self._read_strand(strand_id, indexes, total)
        self._expected.save()
        return self._expected.blocks() > before

    def add_values(self, indexes: Indexes) -> None:
        """Go through all blocks that were read once more, for the values of indexes that were not known then."""
        done, total = 0, self._expected.blocks()
        for strand_id in self._settings.strands:
            end, _ = self._expected.position(strand_id)
            stop = block_key(BlockAddress(strand_id, end))
            for _, cell in self._store.scan(stop.partition, stop=stop.sort):
                for revision, data in _readable_revisions(cell.data):
                    self._note_values(revision, data, indexes)
                done += 1
                self._progress("indexed values", done, total)
        self._expected.save()

    def _length(self, strand_id: str) -> int:
        for key, _ in self._store.scan(f"block/{strand_id}", reverse=True, limit=1):
            return (_sequence_no(key, strand_id) or 0) + 1
        return 0

    def _read_strand(self, strand_id: str, indexes: Indexes, total: int) -> None:
        sequence_no, noted = self._expected.position(strand_id)
        link: Link | None = GENESIS if sequence_no == 0 else noted and Link.from_json(noted)
        start = block_key(BlockAddress(strand_id, sequence_no))
        others = self._expected.blocks() - sequence_no
        for key, cell in self._store.scan(start.partition, start=start.sort):
            found = _sequence_no(key, strand_id)
            if found is None:
                self._expected.add_finding(Finding(f"strand {strand_id}", f"has a cell {key.sort!r} that is no block"))
                continue
            if found > sequence_no:
                what = "is missing" if found == sequence_no + 1 else f"and all up to {found - 1} are missing"
                self._expected.add_finding(Finding(block_place(strand_id, sequence_no), what))
                link = None
            link = self._read_block(cell.data, strand_id, found, link, indexes)
            sequence_no = found + 1
            self._expected.advance(strand_id, sequence_no, link and link.to_json())
            self._expected.save_now_and_then()
            self._progress("blocks", others + sequence_no, max(total, others + sequence_no))
        if sequence_no == 0:
            self._expected.add_finding(Finding(f"strand {strand_id}", "has no blocks"))

    def _read_block(
        self, cell_data: bytes, strand_id: str, sequence_no: int, link: Link | None, indexes: Indexes
    ) -> Link | None:
        try:
            checked = check_block(cell_data, strand_id, sequence_no, link)
        except Corrupt as corrupt:
            self._expected.add_finding(Finding(block_place(strand_id, sequence_no), str(corrupt)))
            return None
        for finding in (*checked.findings, *self._genesis_errors(checked, sequence_no)):
            self._expected.add_finding(finding)
        for redaction in checked.stored.block.redactions:
            self._expected.add_redaction(redaction)
        for position, (revision, data) in enumerate(zip(checked.stored.block.revisions, checked.data, strict=True)):
            if revision.table_id is None:
                fresh = self._note_definition(checked, revision, position)
            else:
                fresh = self._note_document(revision)
                self._note_values(revision, data, indexes)
            if not fresh:
                name = f"revision {revision.metadata.version} of document {revision.metadata.id}"
                where = block_place(strand_id, sequence_no)
                self._expected.add_finding(Finding(where, f"{name} is in the journal, or in a table, twice"))
        return checked.link

    def _genesis_errors(self, checked: CheckedBlock, sequence_no: int) -> Iterator[Finding]:
        block, settings = checked.stored.block, self._settings
        said = (block.system.get("ledgerName"), block.system.get("strands"), block.timestamp)
        if sequence_no == 0 and said != (settings.name, list(settings.strands), settings.created):
            yield Finding("settings", f"are not those that {block_place(*block.address)} was made with")

    def _note_definition(self, checked: CheckedBlock, revision: Revision, position: int) -> bool:
        catalog_version = checked.stored.block.system["catalogVersion"]
        return self._expected.add_definition(revision.metadata, catalog_version, position, revision.data or b"")

    def _note_document(self, revision: Revision) -> bool:
        metadata = revision.metadata
        partition = place(revision.table_id or "", metadata.id, self._settings.shards)
        digest = hashlib.sha256(write_current(revision)).digest()
        fresh = self._expected.add_revision(revision)
        return self._expected.add_document(partition, metadata, digest) and fresh

    def _note_values(self, revision: Revision, data: ion.Value | None, indexes: Indexes) -> None:
        for index in indexes.get(revision.table_id or "", ()):
            partition = readable(partial(document_partition, index, data))
            if partition is not None:
                self._expected.add_value(partition, revision.metadata)


def revision_at(store: Store, address: BlockAddress, document_id: str, version: int) -> Revision:
    """Return a revision from the journal.

    Raises:
        Corrupt: the block does not hold it.
    """
    key: Key = block_key(address)
    cell = store.get([key]).get(key)
    for revision in () if cell is None else read_block(cell.data).block.revisions:
        if (revision.metadata.id, revision.metadata.version) == (document_id, version):
            return revision
    raise Corrupt(f"{block_place(*address)} does not hold revision {version} of document {document_id}")


def _sequence_no(key: Key, strand_id: str) -> int | None:
    if not (key.sort.isascii() and key.sort.isdigit()):
        return None
    sequence_no = int(key.sort)
    return sequence_no if block_key(BlockAddress(strand_id, sequence_no)) == key else None


def _readable_revisions(cell_data: bytes) -> Iterator[tuple[Revision, ion.Value | None]]:
    # What cannot be read was a finding when the block was checked.
    with suppress(Corrupt):
        for revision in readable(lambda: read_block(cell_data).block.revisions):
            yield revision, readable(partial(content_of, revision))


def _hash_of(cell_data: bytes) -> bytes:
    try:
        return read_tip(cell_data).hash
    except Exception:
        return b""
