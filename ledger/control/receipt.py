"""Receipts: what the caller of a transaction keeps of it, and later the proof of it against a notarised digest."""

from typing import Any

from ledger import clock, ion
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


def receipt(ledger: Ledger, document_id: str, version: int) -> dict[str, Any]:
    """Return the receipt of the transaction that made a revision, as JSON fields; two cells are read.

    `{ledger, transactionId, blockAddress, blockTimestamp, documentId, version, hash, revision}`: the revision is Ion
    text, the hash base64.

    Raises:
        InvalidParameterException: there is no such revision.
        Corrupt: the journal does not hold it.
    """
    address = revision_address(ledger, document_id, version)
    block = prove_block(ledger, address, None).stored.block
    revision = revision_of(block, document_id)
    if revision is None or revision.metadata.version != version:
        raise Corrupt(f"{address} does not hold version {version} of document {document_id}, as its pointer says")
    return _fields(ledger, block, revision)


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
    revision = revision_of(found.stored.block, document_id)
    if revision is None or found.proof is None:
        where = f"block {address.sequence_no} of strand {address.strand_id}"
        raise InvalidParameterException(f"{where} holds no revision of document {document_id[:40]}", "DocumentId")
    if found.digest != statement.digest:
        raise Corrupt(f"the journal of ledger {ledger.name} is not the one that {statement.name} is of")
    proof = revision_path(found.stored.block, revision) + found.proof
    fields = _fields(ledger, found.stored.block, revision)
    return {**fields, "proof": ion.text(proof), "digestNumber": statement.number}


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
