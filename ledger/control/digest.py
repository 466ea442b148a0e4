"""GetDigest: one hash over the whole journal, and the tips that it covers."""

from typing import NamedTuple

from ledger import strand
from ledger.control.addresses import written
from ledger.journal.hashing import merkle_root
from ledger.ledger import Ledger


class Digest(NamedTuple):
    """A digest.

    Attributes:
        digest: the root over every strand's blocks; over several strands, the Merkle root of their roots.
        tip_address: Ion text that names the last block of each strand that the digest covers.
    """

    digest: bytes
    tip_address: str


def get_digest(ledger: Ledger) -> Digest:
    """Return the digest of the ledger as it is now, from one cell a strand.

    It covers every transaction that was committed before the call began; of those that are committed during it and go
    to other strands, it may cover any.

    Raises:
        StoreError: the journal cannot be read.
    """
    tips = [strand.tip(ledger.store, strand_id) for strand_id in ledger.settings.strands]
    return Digest(merkle_root([tip.digest for tip in tips]), written([tip.address for tip in tips]))
