"""How the entries and the head of an indexed value differ from the journal."""

from collections.abc import Iterator
from functools import partial

from ledger.audit.catalog import ONLINE
from ledger.audit.expected import Expected
from ledger.audit.finding import Difference, Finding, Item, Kind
from ledger.audit.merge import merged
from ledger.catalog import Catalog
from ledger.indexes import ENTRY, HEAD, Head, head_key
from ledger.store.base import Cell, Key, Store


class IndexCheck:
    """Compares the values of indexes with the journal."""

    def __init__(self, store: Store, expected: Expected, catalog: Catalog) -> None:
        """Compare the indexes of this catalog; one that is not ONLINE may lack entries."""
        self._store = store
        self._expected = expected
        self._indexes = {index.id: (table.name, index) for table in catalog.tables for index in table.indexes}

    def differences(self, partition: str) -> Iterator[Difference]:
        """Compare one indexed value.

        A value that agrees proves: it has entries for exactly the documents whose newest revision in the journal has
        it, and its head sums up those entries.
        """
        _, index_id, _ = partition.split("/")
        if index_id not in self._indexes:
            return
        table_name, index = self._indexes[index_id]
        item, where = Item(Kind.VALUE, partition), f"index {index.id} on {table_name} ({index.field})"
        is_complete = index.status == ONLINE
        cells = ((key.sort, cell) for key, cell in self._store.scan(partition))
        entries = ((document_id, ENTRY) for document_id in self._expected.entries(partition))
        head: Cell | None = None
        wanted = Head()
        for name, entry, cell in merged(entries, cells):
            if name == HEAD:
                head = cell
                continue
            if is_complete if cell is None else cell.data != entry:
                finding = Finding(where, f"{_entry_error(name, entry, cell)} at {partition}")
                yield Difference(item, finding, Key(partition, name), cell, partial(_same, entry))
            if entry is not None:
                wanted = wanted.changed(added=[name])
        # Of an index that is being built, entries come without a block, and head and entries at different moments.
        # A value without entries may have an empty head or none: both read the same.
        if is_complete and (Head().to_cell() if head is None else head.data) != wanted.to_cell():
            finding = Finding(where, f"its head does not sum up its {wanted.size} entries at {partition}")
            yield Difference(item, finding, head_key(partition), head, wanted.to_cell)


def _entry_error(document_id: str, entry: bytes | None, cell: Cell | None) -> str:
    if entry is None:
        return f"has an entry of document {document_id}, which does not have the value"
    return f"{'lacks' if cell is None else 'has something else than'} the entry of document {document_id}"


def _same(entry: bytes | None) -> bytes | None:
    return entry
