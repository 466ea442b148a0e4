"""The blocks of a ledger as its store has them."""

from collections.abc import Iterator

from ledger.store import Store


def block_cells(store: Store, strand_id: str) -> Iterator[bytes]:
    """Give the cell of every block of a strand, oldest first."""
    return (cell.data for _, cell in store.scan(f"block/{strand_id}"))
