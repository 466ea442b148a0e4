"""GetRevision: a revision of a document, with the proof that a digest covers it."""

from typing import NamedTuple

from ledger import ion
from ledger.control.addresses import block_address
from ledger.control.proofs import prove_block
from ledger.errors import InvalidParameterException
from ledger.journal.block import Block
from ledger.journal.hashing import merkle_root
from ledger.journal.proof import path
from ledger.journal.revision import Revision
from ledger.ledger import Ledger


class ProvenRevision(NamedTuple):
    """A revision as clients see it.

    Attributes:
        proof: folded onto `hash` with `dot` it gives the digest; `None` if no tip was given.
        digest: the digest at that tip, as the journal has it; `None` if no tip was given.
    """

    revision: ion.Value
    proof: list[bytes] | None
    digest: bytes | None


def get_revision(ledger: Ledger, address: str, document_id: str, tip_address: str | None = None) -> ProvenRevision:
    """Return the revision of a document that the block at `address` holds.

    Args:
        tip_address: of any digest that covers the block, for a proof against it.

    Raises:
        InvalidParameterException: an address is none, there is no such block, it holds no revision of that document,
            or the digest does not cover it.
    """
    place = block_address(address)
    found = prove_block(ledger, place, tip_address)
    block = found.stored.block
    revision = revision_of(block, document_id)
    if revision is None:
        raise InvalidParameterException(
            f"block {place.sequence_no} of strand {place.strand_id} holds no revision of document {document_id[:40]}",
            "DocumentId",
        )
    siblings = None if found.proof is None else revision_path(block, revision) + found.proof
    return ProvenRevision(revision.to_ion(), siblings, found.digest)


def revision_path(block: Block, revision: Revision) -> list[bytes]:
    """Return what leads from a revision's hash to its block's: its siblings, those of its entry, the block before."""
    hashes = [other.hash for other in block.revisions]
    entries = block.entries()
    siblings = path(hashes, hashes.index(revision.hash)) + path(entries, entries.index(merkle_root(hashes)))
    return [*siblings, block.previous_hash] if block.previous_hash else siblings


def revision_of(block: Block, document_id: str) -> Revision | None:
    """Return the block's revision of a document; `None` if it has none. Tables are no documents."""
    return next(
        (each for each in block.revisions if each.table_id is not None and each.metadata.id == document_id), None
    )
