"""Reading the journal from where the last reading ended: each block is checked, and what it says is noted."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from ledger import ion
from ledger.audit.blocks import GENESIS, MOST, Link, block_place, check_block, content_of, readable
from ledger.audit.expected import AGAIN, FIRST, Expected
from ledger.audit.finding import Finding, Item, Kind, Progress
from ledger.audit.noting import Carried, Indexes, Notes, block_item
from ledger.journal.cell import read_block, read_tip
from ledger.journal.revision import BlockAddress, Revision
from ledger.settings import Settings
from ledger.store.base import Corrupt, Key, Store
from ledger.strand import block_key


class JournalReader:
    """Reads all strands of a ledger and notes what they say in `expected`.

    Attributes:
        blocks: how many were read.
    """

    def __init__(
        self, store: Store, settings: Settings, expected: Expected, progress: Progress, carried: Carried
    ) -> None:
        self._store = store
        self._settings = settings
        self._expected = expected
        self._notes = Notes(settings, expected, carried)
        self._progress = progress
        self.blocks = 0

    def check_checkpoint(self) -> None:
        """Find out whether the blocks that were read last, before an interruption, are still there."""
        for strand_id in self._settings.strands:
            next_sequence_no, link = self._expected.position(strand_id)
            if link is None:
                continue
            address = BlockAddress(strand_id, next_sequence_no - 1)
            cell = self._store.get([block_key(address)]).get(block_key(address))
            # A block's hash stands for all blocks before it, and the next block will be checked to chain to it.
            if cell is None or _hash_of(cell.data) != Link.from_json(link).hash:
                finding = Finding(block_place(*address), "is not the one that was read there before")
                self._expected.add_finding(finding, block_item(address))

    def read_on(self, indexes: Indexes) -> bool:
        """Read all blocks that are new since the last time; `False` if there are none.

        Args:
            indexes: whose values are noted.
        """
        positions = ((strand_id, self._expected.position(strand_id)[0]) for strand_id in self._settings.strands)
        if self._expected.round and not any(self._has_more(*position) for position in positions):
            return False
        before = self._expected.blocks()
        total = sum(self._length(strand_id) for strand_id in self._settings.strands)
        self._expected.next_round()
        for strand_id in self._settings.strands:
            self._read_strand(strand_id, None, FIRST, indexes, total)
        self._expected.save()
        return self._expected.blocks() > before

    def read_again(self, indexes: Indexes) -> None:
        """Check once more what was read before, from where that was interrupted, and that all of it is there.

        Args:
            indexes: whose values were noted.
        """
        for strand_id in self._settings.strands:
            read, _ = self._expected.position(strand_id)
            self._read_strand(strand_id, read, AGAIN, indexes)
            there, _ = self._expected.position(strand_id, AGAIN)
            if there < read:
                self._add_missing(strand_id, there, read)
        self._notes.compare_count()
        self._expected.save()

    def add_values(self, indexes: Indexes) -> None:
        """Go through all blocks that were read once more, for the values of indexes that were not known then.

        It goes on where it was interrupted. Whoever begins with other indexes MUST call `forget_values_added` before.
        """
        done, total = self._expected.load("values added", {}), self._expected.blocks()
        for strand_id in self._settings.strands:
            begin, end = done.get(strand_id, 0), self._expected.position(strand_id)[0]
            places = (block_key(BlockAddress(strand_id, number)).sort for number in (begin, end))
            for key, cell in self._store.scan(f"block/{strand_id}", start=next(places), stop=next(places)):
                for revision, data in _readable_revisions(cell.data):
                    # What has no value to be filed under was a finding when the block was checked, or will be one.
                    with suppress(Corrupt):
                        self._notes.add_values(revision, data, indexes)
                done[strand_id] = (_sequence_no(key, strand_id) or 0) + 1
                self._expected.save_now_and_then(**{"values added": done})
                self._progress("indexed values", sum(done.values()), total)
        self.forget_values_added()

    def forget_values_added(self) -> None:
        """Begin with the first block when values are added the next time."""
        self._expected.store("values added", {})

    def _has_more(self, strand_id: str, sequence_no: int) -> bool:
        start = block_key(BlockAddress(strand_id, sequence_no))
        return any(True for _ in self._store.scan(start.partition, start=start.sort, limit=1))

    def _length(self, strand_id: str) -> int:
        for key, _ in self._store.scan(f"block/{strand_id}", reverse=True, limit=1):
            return (_sequence_no(key, strand_id) or 0) + 1
        return 0

    def _read_strand(self, strand_id: str, stop: int | None, reading: str, indexes: Indexes, total: int = 0) -> None:
        """Read a strand on.

        Args:
            stop: the number of the block behind the last; `None` for all that there are.
        """
        sequence_no, noted = self._expected.position(strand_id, reading)
        link: Link | None = GENESIS if sequence_no == 0 else noted and Link.from_json(noted)
        others = self._expected.blocks() - sequence_no
        for found, cell_data in self._cells(strand_id, sequence_no, stop):
            if found > sequence_no:
                self._add_missing(strand_id, sequence_no, found)
                link = None
            link = self._read_block(cell_data, BlockAddress(strand_id, found), link, reading, indexes)
            sequence_no = found + 1
            self._expected.advance(strand_id, sequence_no, link and link.to_json(), reading)
            self._expected.save_now_and_then()
            self._progress("blocks", others + sequence_no, max(total, others + sequence_no))
        if stop is None and sequence_no == 0:
            self._expected.add_finding(Finding(f"strand {strand_id}", "has no blocks"), Item(Kind.BLOCK, strand_id))

    def _cells(self, strand_id: str, sequence_no: int, stop: int | None) -> Iterator[tuple[int, bytes]]:
        """Give number and bytes of a strand's blocks."""
        if stop is not None and stop <= sequence_no:
            return
        start, end = block_key(BlockAddress(strand_id, sequence_no)), block_key(BlockAddress(strand_id, stop or 0))
        for key, cell in self._store.scan(start.partition, start=start.sort, stop=None if stop is None else end.sort):
            found = _sequence_no(key, strand_id)
            if found is None:
                finding = Finding(f"strand {strand_id}", f"has a cell {key.sort!r} that is no block")
                self._expected.add_finding(finding, Item(Kind.BLOCK, strand_id))
                continue
            if found > sequence_no and self._is_there(strand_id, sequence_no):
                # A scan is no snapshot: it may meet a block, and not the one before, which was written first.
                yield from self._cells(strand_id, sequence_no, stop)
                return
            yield found, cell.data
            sequence_no = found + 1

    def _is_there(self, strand_id: str, sequence_no: int) -> bool:
        return bool(self._store.get([block_key(BlockAddress(strand_id, sequence_no))]))

    def _add_missing(self, strand_id: str, first: int, stop: int) -> None:
        what = "is missing" if stop == first + 1 else f"and all up to {stop - 1} are missing"
        finding = Finding(block_place(strand_id, first), what)
        self._expected.add_finding(finding, block_item(BlockAddress(strand_id, first)))

    def _read_block(
        self, cell_data: bytes, address: BlockAddress, link: Link | None, reading: str, indexes: Indexes
    ) -> Link | None:
        self.blocks += 1
        try:
            checked = check_block(cell_data, *address, link)
        except Corrupt as corrupt:
            self._expected.add_finding(Finding(block_place(*address), str(corrupt)), block_item(address))
            return None
        self._notes.add_findings(checked)
        if reading == AGAIN:
            self._notes.compare(checked, indexes)
        else:
            self._notes.add(checked, indexes)
        return checked.link


def revision_at(store: Store, address: BlockAddress, document_id: str, version: int) -> Revision:
    """Return a revision from the journal.

    Raises:
        Corrupt: the block does not hold it.
    """
    key: Key = block_key(address)
    cell = store.get([key]).get(key)
    for revision in () if cell is None else readable(lambda: read_block(cell.data).block.revisions):
        if (revision.metadata.id, revision.metadata.version) == (document_id, version):
            return revision
    raise Corrupt(f"{block_place(*address)} does not hold revision {version} of document {document_id}")


def _sequence_no(key: Key, strand_id: str) -> int | None:
    if not (key.sort.isascii() and key.sort.isdigit()):
        return None
    sequence_no = int(key.sort)
    is_one = sequence_no < MOST and block_key(BlockAddress(strand_id, sequence_no)) == key
    return sequence_no if is_one else None


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
