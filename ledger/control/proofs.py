"""What a proof needs of the journal, read in one batch: a block, and the nodes on its way to a digest."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ledger import strand
from ledger.control.addresses import tip_addresses
from ledger.errors import InvalidParameterException
from ledger.journal import proof, tree
from ledger.journal.cell import StoredBlock, read_block, read_leaf
from ledger.journal.hashing import merkle_root
from ledger.journal.revision import BlockAddress
from ledger.ledger import Ledger
from ledger.store.base import Cell, Key
from ledger.strand import block_key


class Proven(NamedTuple):
    """A block, and what leads from its hash to a digest.

    Attributes:
        proof: the siblings in its strand's tree, then those among the strands' roots; `None` if no tip was given.
        digest: the digest at that tip, as the journal has it; `None` if no tip was given.
    """

    stored: StoredBlock
    proof: list[bytes] | None
    digest: bytes | None


def prove_block(ledger: Ledger, address: BlockAddress, tip_address: str | None) -> Proven:
    """Read a block and its proof against the digest at `tip_address`, which may be that of any digest, however old.

    Raises:
        InvalidParameterException: there is no such block or tip, or the tip is before the block.
        Corrupt: a block that the proof needs is missing, or is none.
    """
    strands = ledger.settings.strands
    tips = () if tip_address is None else tip_addresses(tip_address, strands)
    if address.strand_id not in strands:
        raise _not_there(address, "BlockAddress")
    ranges = _ranges(address, tips[strands.index(address.strand_id)]) if tips else []
    size = len(tips) and tips[strands.index(address.strand_id)].sequence_no + 1
    nodes_at = [BlockAddress(address.strand_id, number) for number in sorted(proof.holders(ranges, size))]
    cells = ledger.store.get(dict.fromkeys(map(block_key, (address, *tips, *nodes_at))))
    _check_there(cells, [address], "BlockAddress")
    _check_there(cells, tips, "DigestTipAddress")
    stored = read_block(cells[block_key(address)].data)
    if not tips:
        return Proven(stored, None, None)
    nodes = strand.nodes(cells, nodes_at)
    roots = [tree.root(read_leaf(cells[block_key(tip)].data).growth.peaks) for tip in tips]
    siblings = [proof.range_root(nodes, leaves) for leaves in ranges]
    return Proven(stored, siblings + proof.path(roots, strands.index(address.strand_id)), merkle_root(roots))


def _ranges(address: BlockAddress, tip: BlockAddress) -> list[range]:
    if tip.sequence_no < address.sequence_no:
        raise InvalidParameterException(
            f"DigestTipAddress is before the block: its digest covers strand {tip.strand_id} up to block "
            f"{tip.sequence_no}, not {address.sequence_no}; get a new digest",
            "DigestTipAddress",
        )
    return proof.siblings(address.sequence_no, tip.sequence_no + 1)


def _check_there(cells: Mapping[Key, Cell], addresses: Sequence[BlockAddress], parameter: str) -> None:
    for address in addresses:
        if block_key(address) not in cells:
            raise _not_there(address, parameter)


def _not_there(address: BlockAddress, parameter: str) -> InvalidParameterException:
    return InvalidParameterException(
        f"there is no block {address.sequence_no} on strand {address.strand_id} of this ledger", parameter
    )
