"""GetBlock: a block of the journal, with the proof that a digest covers it."""

from typing import NamedTuple

from ledger import ion
from ledger.control.addresses import block_address
from ledger.control.proofs import prove_block
from ledger.ledger import Ledger


class ProvenBlock(NamedTuple):
    """A block as clients see it.

    Attributes:
        proof: folded onto `blockHash` with `dot` it gives the digest; `None` if no tip was given.
        digest: the digest at that tip, as the journal has it; `None` if no tip was given.
    """

    block: ion.Value
    proof: list[bytes] | None
    digest: bytes | None


def get_block(ledger: Ledger, address: str, tip_address: str | None = None) -> ProvenBlock:
    """Return a block by its address, both in Ion text.

    Args:
        tip_address: of any digest that covers the block, for a proof against it.

    Raises:
        InvalidParameterException: an address is none, there is no such block, or the digest does not cover it.
    """
    found = prove_block(ledger, block_address(address), tip_address)
    return ProvenBlock(found.stored.block.to_ion(), found.proof, found.digest)
