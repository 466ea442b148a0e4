"""Documents in their cells: the current revision of each, and where its earlier ones are in the journal.

The cell of a deleted document stays, without data: ids are never used again, and history() finds it by that cell.
"""

import hashlib
from typing import Any

from ledger import ion
from ledger.journal.revision import BlockAddress, Revision, has_data
from ledger.record import pack, unpack
from ledger.store.base import Cell, Key

_DIGITS = 10


def document_key(table_id: str, document_id: str, shards: int) -> Key:
    """Return where the current revision of a document is kept."""
    return Key(f"document/{table_id}/{shard_of(document_id, shards):02d}", document_id)


def document_partitions(table_id: str, shards: int) -> list[str]:
    """Return the partitions that hold a table's documents."""
    return [f"document/{table_id}/{shard:02d}" for shard in range(shards)]


def shard_of(document_id: str, shards: int) -> int:
    """Return which of a table's partitions a document is in."""
    return hashlib.sha256(document_id.encode()).digest()[0] % shards


def history_key(document_id: str, version: int) -> Key:
    """Return where the address of one version's block is kept."""
    return Key(f"history/{document_id}", f"{version:0{_DIGITS}d}")


def write_current(revision: Revision) -> bytes:
    """Return the cell bytes of a current revision."""
    header = {"address": revision.address, "table": revision.table_id, **revision.to_header()}
    return pack(header, () if revision.data is None else (revision.data,))


def read_current(data: bytes) -> Revision:
    """Return the current revision in this cell."""
    header, payloads = unpack(data)
    document = payloads[0] if has_data(header) else None
    return Revision.from_header(BlockAddress(*header["address"]), header, header["table"], document)


def write_pointer(address: BlockAddress) -> bytes:
    """Return the cell bytes of a history pointer."""
    return pack(address)


def read_pointer(data: bytes) -> BlockAddress:
    """Return the address that a history pointer holds."""
    header, _ = unpack(data)
    return BlockAddress(*header)


class Document:
    """A document as one transaction sees it: a committed revision, or that transaction's own uncommitted change.

    Attributes:
        document_id: its id, `metadata.id`.
        version: 0 for the first revision; of an uncommitted change, the version it is going to have.
        revision: the committed revision; `None` for an uncommitted change.
        cell_version: the version of the cell that it was read from; `None` if it was not read from its own cell.
    """

    __slots__ = ("_data", "_encoded", "cell_version", "document_id", "revision", "version")

    def __init__(
        self,
        document_id: str,
        version: int,
        encoded: bytes | None,
        *,
        revision: Revision | None = None,
        cell_version: int | None = None,
        data: ion.Value = None,
    ) -> None:
        self.document_id = document_id
        self.version = version
        self.revision = revision
        self.cell_version = cell_version
        self._encoded = encoded
        self._data = data

    @staticmethod
    def of(revision: Revision, cell_version: int | None = None) -> "Document":
        """Return the document of a committed revision."""
        return Document(
            revision.metadata.id, revision.metadata.version, revision.data, revision=revision, cell_version=cell_version
        )

    @staticmethod
    def current(cell: Cell) -> "Document | None":
        """Return the document in this cell; `None` if it is deleted."""
        revision = read_current(cell.data)
        return None if revision.is_deletion else Document.of(revision, cell.version)

    @property
    def data(self) -> ion.Value | None:
        """The document's struct, parsed when first asked for; `None` if it is deleted or redacted."""
        if self._data is None and self._encoded is not None:
            self._data = ion.loads(self._encoded)
        return self._data

    def committed(self) -> ion.Value:
        """Return the row of the committed view. An uncommitted change has no block address and no hash yet."""
        if self.revision is None:
            return {"data": self.data, "metadata": {"id": self.document_id, "version": self.version}}
        fields: list[tuple[str, Any]] = [
            ("blockAddress", self.revision.address.to_ion()),
            ("hash", self.revision.hash),
        ]
        if self._encoded is not None:
            fields.append(("data", self.data))
        elif self.revision.data_hash is not None:
            fields.append(("dataHash", self.revision.data_hash))
        return ion.struct([*fields, ("metadata", self.revision.metadata.to_ion())])
