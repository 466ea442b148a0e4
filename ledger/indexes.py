"""Index cells: for each indexed value a head and one entry per document.

The head counts its entries and sums up their ids, and changes whenever an entry does. Who looks a value up relies on
the head's version, so that a document which joins or leaves later is a conflict; the sum shows whether head and
entries, read one after the other while somebody commits, belong together. A head is never deleted, so that its version
only grows.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger import ion
from ledger.catalog import Index
from ledger.comparison import equality_key
from ledger.ids import decode
from ledger.record import pack, unpack
from ledger.store.base import Cell, Key

HEAD = ""
ENTRY = b""


class Head(NamedTuple):
    """What a head says of its entries: how many there are, and the exclusive or of their ids."""

    size: int = 0
    checksum: int = 0

    @staticmethod
    def of(document_ids: Iterable[str]) -> "Head":
        """Return the head of these entries."""
        return Head().changed(added=document_ids)

    def changed(self, added: Iterable[str] = (), removed: Iterable[str] = ()) -> "Head":
        """Return the head after some entries came and some went."""
        size, checksum = self
        for change, document_ids in ((1, added), (-1, removed)):
            for document_id in document_ids:
                size += change
                checksum ^= int.from_bytes(decode(document_id), "big")
        return Head(size, checksum)

    def to_cell(self) -> bytes:
        """Return the bytes of the head's cell."""
        return pack([self.size, f"{self.checksum:032x}"])

    @staticmethod
    def from_cell(cell: Cell | None) -> "Head":
        """Return the head in `cell`; of a value that was never indexed, the empty one."""
        if cell is None:
            return Head()
        (size, checksum), _ = unpack(cell.data)
        return Head(size, int(checksum, 16))


def value_partition(index: Index, value: ion.Value) -> str:
    """Return the partition of one value of an index; equal values share it."""
    return f"index/{index.id}/{equality_key(value).hex()}"


def document_partition(index: Index, data: ion.Value | None) -> str | None:
    """Return the partition that a document belongs to, `None` if it has no value (or a null) in the indexed field."""
    value = None if data is None else data.get(index.field)
    return None if ion.is_null(value) else value_partition(index, value)


def head_key(partition: str) -> Key:
    """Return the key of a value's head; it sorts before all entries."""
    return Key(partition, HEAD)


def entry_key(partition: str, document_id: str) -> Key:
    """Return the key of a document's entry under an indexed value."""
    return Key(partition, document_id)
