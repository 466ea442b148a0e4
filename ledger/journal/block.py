"""A block: what one transaction did, chained by hash to the block before it (QLDB guide, "Journal contents")."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from ledger import clock, ion
from ledger.journal.hashing import dot, merkle_root
from ledger.journal.revision import BlockAddress, Revision


class Statement(NamedTuple):
    """A statement of the transaction: its text, when it started, and its hash with its parameters."""

    text: str
    start_time: datetime
    digest: bytes


class DocumentEntry(NamedTuple):
    """A document that the transaction changed, and which of its statements did, by index."""

    table_name: str
    table_id: str
    statements: Sequence[int]


class Redaction(NamedTuple):
    """A request of the transaction to erase the data of one revision."""

    address: BlockAddress
    table_id: str
    document_id: str
    version: int

    def to_ion(self) -> ion.Value:
        """Return `{blockAddress, tableId, documentId, version}`."""
        return {
            "blockAddress": self.address.to_ion(),
            "tableId": self.table_id,
            "documentId": self.document_id,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a strand.

    Attributes:
        system: the ledger's own facts about the block (the catalog's version, in a genesis block the ledger's strands);
            plain JSON values, hashed like everything else.
        statements: empty for a system block, which no client's transaction made.
    """

    address: BlockAddress
    transaction_id: str
    timestamp: datetime
    previous_hash: bytes
    system: dict[str, Any]
    statements: Sequence[Statement] = ()
    documents: dict[str, DocumentEntry] = field(default_factory=dict)
    revisions: Sequence[Revision] = ()
    redactions: Sequence[Redaction] = ()

    def entries(self) -> list[bytes]:
        """Return the entriesHashList: place and time, revisions, system facts, transaction info, redaction info."""
        place = {
            "blockAddress": self.address.to_ion(),
            "transactionId": self.transaction_id,
            "blockTimestamp": clock.to_ion(self.timestamp),
        }
        hashes = [ion.digest(place)]
        if self.revisions:
            hashes.append(merkle_root([revision.hash for revision in self.revisions]))
        hashes.append(ion.digest(self.system))
        if self.statements:
            hashes.append(ion.digest(self.transaction_info()))
        if self.redactions:
            hashes.append(ion.digest(self.redaction_info()))
        return hashes

    def entries_hash(self) -> bytes:
        """Return the Merkle root of the entries."""
        return merkle_root(self.entries())

    def computed_hash(self) -> bytes:
        """Return the block hash: the entries' root, chained to the previous block."""
        return dot(self.entries_hash(), self.previous_hash)

    def transaction_info(self) -> ion.Value:
        """Return `{statements, documents}` as hashed and shown to clients."""
        return {
            "statements": [
                {"statement": text, "startTime": clock.to_ion(start), "statementDigest": digest}
                for text, start, digest in self.statements
            ],
            "documents": {
                document_id: {
                    "tableName": entry.table_name,
                    "tableId": entry.table_id,
                    "statements": list(entry.statements),
                }
                for document_id, entry in self.documents.items()
            },
        }

    def redaction_info(self) -> ion.Value:
        """Return `{revisions}`, what the transaction asked to redact, as hashed and shown to clients."""
        return {"revisions": [redaction.to_ion() for redaction in self.redactions]}

    def to_ion(self) -> ion.Value:
        """Return the block as GetBlock, exports and streams show it; revisions of the catalog as their hash only."""
        entries = self.entries()
        entries_hash = merkle_root(entries)
        fields: list[tuple[str, ion.Value]] = [
            ("blockAddress", self.address.to_ion()),
            ("transactionId", self.transaction_id),
            ("blockTimestamp", clock.to_ion(self.timestamp)),
            ("blockHash", dot(entries_hash, self.previous_hash)),
            ("entriesHash", entries_hash),
            ("previousBlockHash", self.previous_hash),
            ("entriesHashList", entries),
        ]
        if self.statements:
            fields.append(("transactionInfo", self.transaction_info()))
        if self.redactions:
            fields.append(("redactionInfo", self.redaction_info()))
        if self.revisions:
            fields.append(("revisions", [_shown(revision) for revision in self.revisions]))
        return ion.struct(fields)


def _shown(revision: Revision) -> ion.Value:
    return {"hash": revision.hash} if revision.table_id is None else revision.to_ion()
