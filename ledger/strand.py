"""Strands in their cells: where blocks are kept, and reading them back."""

from collections.abc import Iterable, Iterator

from ledger.journal.cell import StoredBlock, Tip, read_block, read_tip
from ledger.journal.revision import BlockAddress
from ledger.store.base import Corrupt, Key, Store

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


def block_cells(store: Store, strand_id: str) -> Iterator[bytes]:
    """Give the cell of every block of a strand, oldest first."""
    return (cell.data for _, cell in store.scan(f"block/{strand_id}"))
