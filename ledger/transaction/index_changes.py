"""What a commit does to index cells: which documents join and leave which indexed values."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.catalog import Catalog
from ledger.indexes import ENTRY, Head, document_partition, entry_key, head_key
from ledger.store.base import Cell, Key
from ledger.transaction.change import Change


@dataclass(slots=True)
class Movement:
    """The documents that join and leave one indexed value."""

    joining: set[str] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)


def movements(changes: Iterable[Change], catalog: Catalog) -> dict[str, Movement]:
    """Return, by partition of the indexed value, what these changes do to the indexes, those being built included."""
    moved: dict[str, Movement] = {}
    for change in changes:
        table = catalog.by_id(change.table.id) or change.table
        for index in table.indexes:
            before = document_partition(index, change.base.data if change.base else None)
            after = document_partition(index, change.data)
            if before != after:
                if before:
                    moved.setdefault(before, Movement()).leaving.add(change.document_id)
                if after:
                    moved.setdefault(after, Movement()).joining.add(change.document_id)
    return moved


def touched_cells(moved: dict[str, Movement]) -> list[Key]:
    """Return the cells that must be read before the index cells can be written."""
    keys = [head_key(partition) for partition in moved]
    for partition, movement in moved.items():
        keys += [entry_key(partition, document_id) for document_id in sorted(movement.joining | movement.leaving)]
    return keys


def index_writes(moved: dict[str, Movement], cells: dict[Key, Cell]) -> dict[Key, bytes | None]:
    """Return the index cells to write, given the touched cells as they are.

    An index that is still being built may have an entry already, or not yet: only what changes is written.
    """
    writes: dict[Key, bytes | None] = {}
    for partition, movement in moved.items():
        joining = {d for d in movement.joining if entry_key(partition, d) not in cells}
        leaving = {d for d in movement.leaving if entry_key(partition, d) in cells}
        if joining or leaving:
            head = Head.from_cell(cells.get(head_key(partition))).changed(joining, leaving)
            writes[head_key(partition)] = head.to_cell()
        writes |= {entry_key(partition, document_id): ENTRY for document_id in joining}
        writes |= {entry_key(partition, document_id): None for document_id in leaving}
    return writes
