"""Strands in their cells: where blocks are kept, and reading them back."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from ledger.journal.cell import StoredBlock, Tip, read_block, read_leaf, read_tip
from ledger.journal.hashing import NO_HASH
from ledger.journal.proof import Node, nodes_of
from ledger.journal.revision import BlockAddress
from ledger.store.base import Cell, Corrupt, Key, Store

UNREADABLE = (Corrupt, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a damaged cell may raise."""

SETTLING = timedelta(seconds=15)
"""How long after a block's timestamp its commit may still be under way; stores give up before that."""

_DIGITS = 20


def block_key(address: BlockAddress) -> Key:
    """Return where the block of this address is kept."""
    return Key(f"block/{address.strand_id}", f"{address.sequence_no:0{_DIGITS}d}")


def tip(store: Store, strand_id: str) -> Tip:
    """Return the newest block of a strand, as far as its successor needs to know it.

    Raises:
        Corrupt: the strand has no block, not even its first.
    """
    for _, cell in store.scan(f"block/{strand_id}", reverse=True, limit=1):
        return read_tip(cell.data)
    raise Corrupt(f"strand {strand_id} has no blocks")


def first_sequence_no(store: Store, strand_id: str, start: datetime) -> int:
    """Return the number of the first block not older than `start`; behind the tip if there is none.

    Along a strand timestamps never fall, so that a binary search finds it.
    """
    low, high = 0, tip(store, strand_id).address.sequence_no + 1
    while low < high:
        middle = (low + high) // 2
        key = block_key(BlockAddress(strand_id, middle))
        cell = store.get([key]).get(key)
        if cell is None:
            raise Corrupt(f"block {middle} of strand {strand_id} is missing")
        low, high = (middle + 1, high) if read_tip(cell.data).timestamp < start else (low, middle)
    return low


def blocks_from(store: Store, address: BlockAddress, previous: bytes = NO_HASH) -> Iterator[StoredBlock]:
    """Give the blocks of a strand from `address` on, lazily.

    Args:
        previous: the hash of the block before, if it is known.

    Raises:
        Corrupt: a block is missing, or does not chain to the one before.
    """
    start = block_key(address)
    expected = address.sequence_no
    for _, cell in store.scan(start.partition, start=start.sort):
        stored = read_block(cell.data)
        if stored.block.address != (address.strand_id, expected):
            raise Corrupt(f"block {expected} of strand {address.strand_id} is missing")
        if previous and stored.block.previous_hash != previous:
            raise Corrupt(f"block {expected} of strand {address.strand_id} does not chain to the block before it")
        yield stored
        previous, expected = stored.hash, expected + 1


def tips_after(store: Store, address: BlockAddress) -> Iterator[Tip]:
    """Give every block of the strand behind `address`, oldest first, without its documents."""
    start = block_key(BlockAddress(address.strand_id, address.sequence_no + 1))
    return (read_tip(cell.data) for _, cell in store.scan(start.partition, start=start.sort))


def blocks(store: Store, addresses: Iterable[BlockAddress]) -> dict[BlockAddress, StoredBlock]:
    """Read blocks by address, in one batch.

    Raises:
        Corrupt: a block is missing; blocks are never deleted.
    """
    keys = {block_key(address): address for address in addresses}
    cells = store.get(keys)
    if missing := [address for key, address in keys.items() if key not in cells]:
        raise Corrupt(f"block {missing[0].sequence_no} of strand {missing[0].strand_id} is missing")
    return {keys[key]: read_block(cell.data) for key, cell in cells.items()}


def nodes(cells: Mapping[Key, Cell], addresses: Iterable[BlockAddress]) -> dict[Node, bytes]:
    """Return what the blocks at these addresses of one strand, which were read, tell about its tree.

    Raises:
        Corrupt: a block is missing, or is none.
    """
    found = dict[Node, bytes]()
    for address in addresses:
        cell = cells.get(block_key(address))
        if cell is None:
            raise Corrupt(f"block {address.sequence_no} of strand {address.strand_id} is missing")
        leaf = read_leaf(cell.data)
        found |= nodes_of(address.sequence_no, leaf.hash, leaf.growth)
    return found
