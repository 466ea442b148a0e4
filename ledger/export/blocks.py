"""The blocks of a strand that an export takes, and how they are put together into objects."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ledger.export.formats import encode, suffix
from ledger.export.request import OutputFormat
from ledger.journal.cell import StoredBlock, read_block, read_tip
from ledger.journal.hashing import dot
from ledger.journal.revision import BlockAddress
from ledger.store.base import Corrupt, Store
from ledger.strand import block_key, tip

MOST_BLOCKS = 1000
MOST_BYTES = 8 * 1024 * 1024


class DataObject(NamedTuple):
    """Some blocks of one strand that follow each other.

    Attributes:
        path: the object's key behind the prefix.
    """

    path: str
    first: int
    last: int
    body: bytes


def first_sequence_no(store: Store, strand_id: str, start: datetime) -> int:
    """Return the number of the first block not older than `start`; behind the tip if there is none.

    Along a strand timestamps never fall, so that a binary search finds it.
    """
    low, high = 0, tip(store, strand_id).address.sequence_no + 1
    while low < high:
        middle = (low + high) // 2
        key = block_key(BlockAddress(strand_id, middle))
        cell = store.get([key]).get(key)
        if cell is None:
            raise Corrupt(f"block {middle} of strand {strand_id} is missing")
        low, high = (middle + 1, high) if read_tip(cell.data).timestamp < start else (low, middle)
    return low


def data_objects(
    store: Store, address: BlockAddress, end: datetime, output_format: OutputFormat
) -> Iterator[DataObject]:
    """Give the objects of a strand's blocks from `address` up to the last one older than `end`.

    An object ends before a block of another hour (UTC), after 1000 blocks, or with the block that brings it to 8 MiB.
    So the objects follow from the blocks alone, and an export that was interrupted makes the same ones again.

    Raises:
        Corrupt: a block does not have its hash, or does not chain to the one before.
    """
    parts: list[bytes] = []
    first: StoredBlock | None = None
    size, last = 0, address.sequence_no - 1
    for stored in _blocks(store, address, end):
        if first and (_hour(first) != _hour(stored) or len(parts) == MOST_BLOCKS or size >= MOST_BYTES):
            yield _data_object(first, last, parts, output_format)
            first, parts, size = None, [], 0
        first = first or stored
        parts.append(encode(_shown(stored), output_format))
        size, last = size + len(parts[-1]), stored.block.address.sequence_no
    if first:
        yield _data_object(first, last, parts, output_format)


def _blocks(store: Store, address: BlockAddress, end: datetime) -> Iterator[StoredBlock]:
    start = block_key(address)
    previous: bytes | None = None
    expected = address.sequence_no
    for _, cell in store.scan(start.partition, start=start.sort):
        stored = read_block(cell.data)
        if stored.block.address != (address.strand_id, expected):
            raise Corrupt(f"block {expected} of strand {address.strand_id} is missing")
        if previous is not None and stored.block.previous_hash != previous:
            raise Corrupt(f"block {expected} of strand {address.strand_id} does not chain to the block before it")
        if stored.block.timestamp >= end:
            return
        yield stored
        previous, expected = stored.hash, expected + 1


def _shown(stored: StoredBlock) -> object:
    shown = stored.block.to_ion()
    # What leaves the ledger as evidence must at least agree with itself.
    if shown["blockHash"] != stored.hash or dot(shown["entriesHash"], stored.block.previous_hash) != stored.hash:
        sequence_no, strand_id = stored.block.address.sequence_no, stored.block.address.strand_id
        raise Corrupt(f"block {sequence_no} of strand {strand_id} does not have its hash")
    return shown


def _hour(stored: StoredBlock) -> str:
    return f"{stored.block.timestamp:%Y/%m/%d/%H}"


def _data_object(first: StoredBlock, last: int, parts: list[bytes], output_format: OutputFormat) -> DataObject:
    strand_id, first_no = first.block.address
    name = f"{strand_id}.{first_no}-{last}.{suffix(output_format)}"
    return DataObject(f"{_hour(first)}/{name}", first_no, last, b"".join(parts))
