"""Receipts: what the caller of a transaction keeps of it, and later the proof of it against a notarised digest."""

from typing import Any

from ledger import clock, ion, strand
from ledger.control.addresses import written
from ledger.control.history import revision_address
from ledger.control.proofs import prove_block
from ledger.control.revision import revision_of, revision_path
from ledger.errors import InvalidParameterException
from ledger.journal.block import Block
from ledger.journal.revision import BlockAddress, Revision
from ledger.ledger import Ledger
from ledger.record import encode_bytes
from ledger.store.base import Corrupt
from ledger.verification.statement import Statement


class NotCoveredError(LookupError):
    """The notarised digest is older than the block: ask again when the next one is there, or name a newer one.

    Attributes:
        statement: of the digest.
    """

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        super().__init__(
            f"{statement.name} does not cover the block yet: wait for the next digest, or name a newer one"
        )


def receipt(ledger: Ledger, document_id: str, transaction_id: str) -> dict[str, Any]:
    """Return the receipt of a transaction for a document that it changed, as JSON fields.

    It is looked for from the document's newest revision back: of the last transaction, two cells are read.

    `{ledger, transactionId, blockAddress, blockTimestamp, documentId, version, hash, revision}`: the revision is Ion
    text, the hash base64.

    Raises:
        InvalidParameterException: that transaction has not changed that document.
        Corrupt: the journal does not hold what the document's history names.
    """
    address: BlockAddress | None = revision_address(ledger, document_id)
    while address is not None:
        block = strand.blocks(ledger.store, [address])[address].block
        revision = revision_of(block, document_id)
        if revision is None:
            raise Corrupt(f"{_named(address)} holds no revision of document {document_id}, as its history says")
        if block.transaction_id == transaction_id:
            return _fields(ledger, block, revision)
        version = revision.metadata.version
        address = revision_address(ledger, document_id, version - 1) if version else None
    raise InvalidParameterException(f"transaction {transaction_id[:40]} has not changed that document", "TransactionId")


def receipt_at(ledger: Ledger, document_id: str, address: BlockAddress, table: str | None = None) -> dict[str, Any]:
    """Return the receipt of the transaction of a block, for a document that it changed; one cell is read.

    Args:
        table: the name of the table that the document must be in.

    Raises:
        InvalidParameterException: there is no such block (`BlockAddress`), or it holds no revision of that document
            (`DocumentId`).
    """
    block = prove_block(ledger, address, None).stored.block
    return _fields(ledger, block, _revision(block, document_id, table))


def prove(ledger: Ledger, document_id: str, address: BlockAddress, statement: Statement) -> dict[str, Any]:
    """Return a receipt with its proof against a notarised digest.

    To the fields of `receipt` come `proof`, Ion text: the list of hashes that lead from `hash` to the digest; and
    `digestNumber`, which digest that is.

    Args:
        document_id, address: as the receipt has them.

    Raises:
        NotCoveredError: the digest is older than the block.
        InvalidParameterException: that block holds no revision of that document.
        Corrupt: the journal is not the one that the digest is of.
    """
    tips = {tip.strand_id: tip.sequence_no for tip in statement.tips}
    if tips.get(address.strand_id, -1) < address.sequence_no:
        raise NotCoveredError(statement)
    found = prove_block(ledger, address, written(statement.tips))
    block = found.stored.block
    revision = _revision(block, document_id)
    if found.digest != statement.digest:
        raise Corrupt(f"the journal of ledger {ledger.name} is not the one that {statement.name} is of")
    proof = revision_path(block, revision) + (found.proof or [])
    return {**_fields(ledger, block, revision), "proof": ion.text(proof), "digestNumber": statement.number}


def _revision(block: Block, document_id: str, table: str | None = None) -> Revision:
    revision = revision_of(block, document_id)
    if revision is None or (table is not None and block.documents[document_id].table_name != table):
        raise InvalidParameterException(
            f"{_named(block.address)} holds no revision of document {document_id[:40]}", "DocumentId"
        )
    return revision


def _named(address: BlockAddress) -> str:
    return f"block {address.sequence_no} of strand {address.strand_id}"


def _fields(ledger: Ledger, block: Block, revision: Revision) -> dict[str, Any]:
    return {
        "ledger": ledger.name,
        "transactionId": block.transaction_id,
        "blockAddress": {"strandId": block.address.strand_id, "sequenceNo": block.address.sequence_no},
        "blockTimestamp": clock.write(block.timestamp),
        "documentId": revision.metadata.id,
        "version": revision.metadata.version,
        "hash": encode_bytes(revision.hash),
        "revision": ion.text(revision.to_ion()),
    }
