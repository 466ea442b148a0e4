"""The blocks of a strand that an export takes, and how they are put together into objects."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ledger.export.formats import encode, suffix
from ledger.export.request import OutputFormat
from ledger.journal.cell import StoredBlock
from ledger.journal.revision import BlockAddress
from ledger.store.base import Store
from ledger.strand import blocks_from

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
    for stored in blocks_from(store, address):
        if stored.block.timestamp >= end:
            break
        if first and (_hour(first) != _hour(stored) or len(parts) == MOST_BLOCKS or size >= MOST_BYTES):
            yield _data_object(first, last, parts, output_format)
            first, parts, size = None, [], 0
        first = first or stored
        parts.append(encode(stored.to_ion(), output_format))
        size, last = size + len(parts[-1]), stored.block.address.sequence_no
    if first:
        yield _data_object(first, last, parts, output_format)


def _hour(stored: StoredBlock) -> str:
    return f"{stored.block.timestamp:%Y/%m/%d/%H}"


def _data_object(first: StoredBlock, last: int, parts: list[bytes], output_format: OutputFormat) -> DataObject:
    strand_id, first_no = first.block.address
    name = f"{strand_id}.{first_no}-{last}.{suffix(output_format)}"
    return DataObject(f"{_hour(first)}/{name}", first_no, last, b"".join(parts))
