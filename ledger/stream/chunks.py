"""Blocks as they go to Kinesis: some at a time, as records."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from ledger.journal.block import Block
from ledger.journal.cell import StoredBlock
from ledger.journal.revision import BlockAddress
from ledger.store.base import StoreError
from ledger.stream.entries import record_size
from ledger.stream.fitting import Fitting, fitting_records
from ledger.stream.reading import JournalReader
from ledger.stream.records import Record

MOST_BLOCKS = 100
MOST_BYTES = 1024 * 1024


class Chunk(NamedTuple):
    """Some blocks that follow each other.

    Attributes:
        cursor: where the reading goes on behind them.
        oldest: the timestamp of the oldest one.
        too_large: those of which something had to be left out; see `fitting_records`.
    """

    cursor: Mapping[str, int]
    blocks: int
    records: list[Record]
    oldest: datetime
    too_large: list[BlockAddress]


def chunks(reader: JournalReader, stream_arn: str) -> Iterator[Chunk]:
    """Give all that the reader gives, at most 100 blocks and not much more than 1 MiB of records at a time.

    Raises:
        StoreError: the journal cannot be read on, or is damaged; what is before that is given first.
    """
    gathered = _Gathered()
    try:
        for stored in reader.blocks():
            gathered.add(stored, fitting_records(stream_arn, stored), reader.cursor)
            if gathered.is_full():
                yield gathered.chunk()
                gathered = _Gathered()
    except StoreError:
        if gathered.blocks:
            yield gathered.chunk()
        raise
    if gathered.blocks:
        yield gathered.chunk()


class _Gathered:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._records: list[Record] = []
        self._too_large: list[BlockAddress] = []
        self._cursor: Mapping[str, int] = {}

    def add(self, stored: StoredBlock, fitting: Fitting, cursor: Mapping[str, int]) -> None:
        self.blocks.append(stored.block)
        self._records += fitting.records
        self._too_large += [] if fitting.is_whole else [stored.block.address]
        self._cursor = dict(cursor)

    def is_full(self) -> bool:
        return len(self.blocks) == MOST_BLOCKS or sum(map(record_size, self._records)) >= MOST_BYTES

    def chunk(self) -> Chunk:
        oldest = min(block.timestamp for block in self.blocks)
        return Chunk(self._cursor, len(self.blocks), self._records, oldest, self._too_large)
