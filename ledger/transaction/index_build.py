"""Completing an index on a table that had documents already, a few at a time, while others read and write.

From the commit that created the index on, every writer keeps it up; what is left to do are the documents that nobody
has written since. Each step expects the documents to be as they were read, so none enters an outdated value. A build
that was interrupted is simply begun again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from ledger.catalog import CATALOG_KEY, Catalog, Index, TableInfo
from ledger.documents import Document, document_partitions
from ledger.indexes import ENTRY, Head, document_partition, entry_key, head_key
from ledger.settings import Settings
from ledger.store.base import Cell, Conflict, Key, Store

_DOCUMENTS_PER_STEP = 30
"""Each takes up to three cells of a commit: its own, which is only expected, its entry and the head."""


def build_index(store: Store, settings: Settings, table: TableInfo, index: Index) -> None:
    """Enter every document of the table into the index, then let it be used."""
    for partition in document_partitions(table.id, settings.shards):
        cells = store.scan(partition)
        while step := dict(islice(cells, _DOCUMENTS_PER_STEP)):
            _enter_together(store, index, step)
    _set_online(store, table, index)


def _enter_together(store: Store, index: Index, cells: Mapping[Key, Cell]) -> None:
    try:
        _enter(store, index, cells)
    except Conflict:
        for key in cells:
            _enter_alone(store, index, key)


def _enter_alone(store: Store, index: Index, key: Key) -> None:
    while True:
        try:
            return _enter(store, index, store.get([key]))
        except Conflict:
            continue


def _enter(store: Store, index: Index, cells: Mapping[Key, Cell]) -> None:
    places = dict(_places(index, cells))
    heads = {head_key(partition) for partition in places.values()}
    entries = {key: entry_key(partition, key.sort) for key, partition in places.items()}
    found = store.get([*heads, *entries.values()])
    joining = {key: entry for key, entry in entries.items() if entry not in found}
    added: dict[str, list[str]] = defaultdict(list)
    for key in joining:
        added[places[key]].append(key.sort)
    writes = {head_key(p): Head.from_cell(found.get(head_key(p))).changed(ids).to_cell() for p, ids in added.items()}
    expected = {head_key(partition): _version(found.get(head_key(partition))) for partition in added}
    expected |= {key: cells[key].version for key in joining}
    if joining:
        store.commit(writes | dict.fromkeys(joining.values(), ENTRY), expected | dict.fromkeys(joining.values()))


def _places(index: Index, cells: Mapping[Key, Cell]) -> Iterator[tuple[Key, str]]:
    for key, cell in cells.items():
        document = Document.current(cell)
        partition = document_partition(index, document.data) if document else None
        if partition is not None:
            yield key, partition


def _set_online(store: Store, table: TableInfo, index: Index) -> None:
    while True:
        cell = store.get([CATALOG_KEY])[CATALOG_KEY]
        catalog = Catalog.from_cell(cell)
        current = catalog.by_id(table.id)
        if current is None or replace(index, status="BUILDING") not in current.indexes:
            return  # dropped meanwhile, or completed by somebody else
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
