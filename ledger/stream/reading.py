"""Reading all strands of a journal from a cursor on, causes before effects.

The revisions of a document may be in any strand. A block is given only after the blocks with the previous versions of
its documents (`ledger.stream.causes`). There is always a block to go on with, since whoever committed it had read those
versions; only, when they were committed lately, their strand has to be read again.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime

from ledger.journal.block import Block
from ledger.journal.cell import StoredBlock
from ledger.journal.hashing import NO_HASH
from ledger.journal.revision import BlockAddress
from ledger.store.base import Corrupt, Store
from ledger.strand import blocks_from
from ledger.stream.causes import Causes

MOST_BLOCKS = 64
MOST_BYTES = 1024 * 1024


class JournalReader:
    """Reads on from a cursor, with a bounded number of blocks in memory.

    Attributes:
        cursor: by strand, the sequence number of the first block that was not given yet.
    """

    def __init__(
        self, store: Store, cursor: Mapping[str, int], *, start: datetime | None = None, end: datetime | None = None
    ) -> None:
        """Read blocks with `start <= blockTimestamp < end`.

        Args:
            cursor: by strand, where to begin; every strand of the ledger MUST be in it. What is before it counts as
                given, and so does what is older than `start` or not older than `end`.
        """
        self.cursor = dict(cursor)
        self._start = start
        self._strands = {strand_id: _Strand(store, strand_id, begin, end) for strand_id, begin in cursor.items()}
        self._causes = Causes(store)

    @property
    def has_ended(self) -> bool:
        """Tell whether all was given that is older than `end`, and every strand goes on behind it."""
        return all(strand.end is not None and not strand.window for strand in self._strands.values())

    def blocks(self) -> Iterator[StoredBlock]:
        """Give the blocks of each strand in order, the strands in turns, up to the newest ones there are.

        Those of one turn, oldest first, do not depend on each other. What is committed meanwhile MAY be left for the
        next call.

        Raises:
            Corrupt: the journal is damaged.
        """
        while self._read_on():
            while turn := self._ready():
                for stored in turn:
                    self._pass(stored.block)
                    if self._start is None or stored.block.timestamp >= self._start:
                        yield stored

    def _read_on(self) -> bool:
        """Read the next blocks of every strand of which none are left; tell whether there were any."""
        waiting = [strand.window[0].block for strand in self._strands.values() if strand.window]
        empty = [strand for strand in self._strands.values() if not strand.window]
        for strand in empty:
            strand.read()
        read = [stored.block for strand in empty for stored in strand.window]
        if waiting and not read:
            strand_id, sequence_no = waiting[0].address
            raise Corrupt(
                f"block {sequence_no} of strand {strand_id} builds on a version that is in no block before it"
            )
        if len(self._strands) > 1:
            self._causes.find(read)
        return bool(read)

    def _ready(self) -> list[StoredBlock]:
        heads = [strand.window[0] for strand in self._strands.values() if strand.window]
        ready = [head for head in heads if all(map(self._is_given, self._causes.of(head.block)))]
        return sorted(ready, key=lambda head: head.block.timestamp)

    def _is_given(self, cause: BlockAddress) -> bool:
        end = self._strands[cause.strand_id].end
        return cause.sequence_no < self.cursor[cause.strand_id] or (end is not None and cause.sequence_no >= end)

    def _pass(self, block: Block) -> None:
        strand_id, sequence_no = block.address
        self._strands[strand_id].window.popleft()
        self.cursor[strand_id] = sequence_no + 1
        self._causes.forget(block)


class _Strand:
    """One strand's next blocks, at most 64 and not much more than 1 MiB.

    Attributes:
        end: the number of its first block that is too new; `None` as long as none was met.
    """

    def __init__(self, store: Store, strand_id: str, begin: int, until: datetime | None) -> None:
        self.window: deque[StoredBlock] = deque()
        self.end: int | None = None
        self._store, self._until = store, until
        self._next, self._previous = BlockAddress(strand_id, begin), NO_HASH

    def read(self) -> None:
        """Fill the window, which is empty, as far as there are blocks."""
        try:
            self._fill()
        except Corrupt:
            # A scan is no snapshot: it may miss a block and see the next, both being committed just now. What is before
            # a gap is given first; what is damaged stays so.
            if not self.window:
                self._fill()

    def _fill(self) -> None:
        if self.end is not None:
            return
        size = 0
        for stored in blocks_from(self._store, self._next, self._previous):
            if self._until and stored.block.timestamp >= self._until:
                self.end = stored.block.address.sequence_no
                return
            self.window.append(stored)
            self._next, self._previous = self._next._replace(sequence_no=self._next.sequence_no + 1), stored.hash
            size += _weight(stored.block)
            if len(self.window) == MOST_BLOCKS or size >= MOST_BYTES:
                return


def _weight(block: Block) -> int:
    data = sum(len(revision.data or b"") for revision in block.revisions)
    return data + sum(len(statement.text) for statement in block.statements)
