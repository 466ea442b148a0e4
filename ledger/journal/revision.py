"""A revision: one version of one document, as it was committed (QLDB guide, "Journal contents")."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from ledger import clock, ion
from ledger.journal.hashing import dot
from ledger.record import decode_bytes, encode_bytes

# A deletion has no data, yet its hash covers that there is none. Were it H(metadata) alone, any revision could be shown
# as a deletion: without its data, and with H(data) as the first hash of its proof.
NO_DATA_HASH = ion.digest(None)


class BlockAddress(NamedTuple):
    """Where a block is: its strand and its sequence number there."""

    strand_id: str
    sequence_no: int

    def to_ion(self) -> ion.Value:
        """Return `{strandId, sequenceNo}`."""
        return {"strandId": self.strand_id, "sequenceNo": self.sequence_no}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the ledger says about a revision; exactly these four fields are hashed."""

    id: str
    version: int
    tx_time: datetime
    tx_id: str

    def to_ion(self) -> ion.Value:
        """Return `{id, version, txTime, txId}`."""
        return {"id": self.id, "version": self.version, "txTime": clock.to_ion(self.tx_time), "txId": self.tx_id}


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a document.

    Attributes:
        table_id: the document's table; `None` for a revision of the catalog itself, shown to clients as its hash only.
        data: the document as Ion binary; `None` if this revision is a deletion or was redacted.
        data_hash: Ion hash of the redacted data; `None` unless redacted.
        hash: `dot(H(metadata), H(data))`; of a deletion, `dot(H(metadata), H(null))`.
    """

    address: BlockAddress
    metadata: Metadata
    table_id: str | None
    data: bytes | None
    hash: bytes
    data_hash: bytes | None = None

    @property
    def is_deletion(self) -> bool:
        """Tell whether this revision ended its document."""
        return self.data is None and self.data_hash is None

    def computed_hash(self) -> bytes:
        """Return the hash that the content of this revision has, whatever its `hash` says."""
        return revision_hash(self.metadata, self.data_hash if self.data is None else ion.digest(ion.loads(self.data)))

    def to_ion(self) -> ion.Value:
        """Return the row of the committed view: `{blockAddress, hash, data | dataHash, metadata}`."""
        fields = [("blockAddress", self.address.to_ion()), ("hash", self.hash)]
        if self.data is not None:
            fields.append(("data", ion.loads(self.data)))
        elif self.data_hash is not None:
            fields.append(("dataHash", self.data_hash))
        fields.append(("metadata", self.metadata.to_ion()))
        return ion.struct(fields)

    def to_header(self) -> dict[str, Any]:
        """Return everything but the address, the table and the data, for a cell's header."""
        header: dict[str, Any] = {
            "id": self.metadata.id,
            "version": self.metadata.version,
            "txTime": clock.write(self.metadata.tx_time),
            "txId": self.metadata.tx_id,
            "hash": encode_bytes(self.hash),
        }
        if self.data_hash is not None:
            header["dataHash"] = encode_bytes(self.data_hash)
        elif self.data is None:
            header["deleted"] = True
        return header

    @staticmethod
    def from_header(
        address: BlockAddress, header: dict[str, Any], table_id: str | None, data: bytes | None
    ) -> "Revision":
        """Return the revision that `to_header` wrote."""
        metadata = Metadata(header["id"], header["version"], clock.read(header["txTime"]), header["txId"])
        data_hash = decode_bytes(header["dataHash"]) if "dataHash" in header else None
        return Revision(address, metadata, table_id, data, decode_bytes(header["hash"]), data_hash)


def has_data(header: dict[str, Any]) -> bool:
    """Tell whether the revision with this header keeps its data as a payload of its cell."""
    return "deleted" not in header and "dataHash" not in header


def revision_hash(metadata: Metadata, data_hash: bytes | None) -> bytes:
    """Return `dot(H(metadata), H(data))`; of a deletion, which has no data, H of null stands for it."""
    return dot(ion.digest(metadata.to_ion()), data_hash or NO_DATA_HASH)
