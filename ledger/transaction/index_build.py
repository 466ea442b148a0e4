"""Completing an index on a table that had documents already, document by document, while others read and write.

From the commit that created the index on, every writer keeps it up; what is left to do are the documents that nobody
has written since. Each step expects the document to be as it was read, so it never enters an outdated value. A build
that was interrupted is simply begun again.
"""

from collections.abc import Iterable
from dataclasses import replace

from ledger.catalog import CATALOG_KEY, Catalog, Index, TableInfo
from ledger.documents import Document, document_partitions
from ledger.indexes import ENTRY, Head, document_partition, entry_key, head_key
from ledger.settings import Settings
from ledger.store.base import Cell, Conflict, Key, Store


def build_index(store: Store, settings: Settings, table: TableInfo, index: Index) -> None:
    """Enter every document of the table into the index, then let it be used."""
    for partition in document_partitions(table.id, settings.shards):
        for key, cell in store.scan(partition):
            _enter(store, index, key, cell)
    _set_online(store, table, index)


def _enter(store: Store, index: Index, key: Key, cell: Cell | None) -> None:
    while cell is not None:
        document = Document.current(cell)
        partition = document_partition(index, document.data) if document else None
        if document is None or partition is None:
            return
        entry, head = entry_key(partition, document.document_id), head_key(partition)
        found = store.get((entry, head))
        if entry in found:
            return
        writes = {entry: ENTRY, head: Head.from_cell(found.get(head)).changed([document.document_id]).to_cell()}
        try:
            store.commit(writes, {entry: None, head: _version(found.get(head)), key: cell.version})
        except Conflict:
            cell = store.get([key]).get(key)
        else:
            return


def _set_online(store: Store, table: TableInfo, index: Index) -> None:
    while True:
        cell = store.get([CATALOG_KEY])[CATALOG_KEY]
        catalog = Catalog.from_cell(cell)
        current = catalog.by_id(table.id)
        if current is None:
            return
        changed = replace(current, indexes=tuple(_online(each, index) for each in current.indexes))
        try:
            store.commit({CATALOG_KEY: catalog.with_table(changed).to_cell()}, {CATALOG_KEY: cell.version})
        except Conflict:
            continue
        return


def _online(each: Index, built: Index) -> Index:
    return replace(each, status="ONLINE") if each.id == built.id else each


def _version(cell: Cell | None) -> int | None:
    return None if cell is None else cell.version


def unfinished(catalog: Catalog) -> Iterable[tuple[TableInfo, Index]]:
    """Give the indexes that are being built, or whose build was interrupted."""
    return ((table, index) for table in catalog.tables for index in table.indexes if index.status == "BUILDING")
