"""The catalog as the journal defines it, and how the catalog's cell differs from that."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain

from ledger import ion
from ledger.audit.blocks import readable
from ledger.audit.expected import Expected
from ledger.audit.finding import Difference, Finding, Item, Kind
from ledger.catalog import CATALOG_KEY, Catalog, Index, TableInfo
from ledger.ids import is_id
from ledger.store.base import Cell, Corrupt, Store

ONLINE = "ONLINE"
_UNFINISHED = frozenset({"BUILDING", "FAILED"})
_ITEM = Item(Kind.CATALOG)


def expected_catalog(expected: Expected, version: int) -> Catalog:
    """Return the catalog that the journal defines, every index in it being complete.

    Whether an index is complete is not in the journal: it becomes so without a transaction.

    Args:
        version: of the catalog under which the newest block was made.
    """
    tables: dict[str, TableInfo] = {}
    for table_id, table_version, _, _, data in expected.definitions():
        # One that cannot be read was a finding when its block was checked.
        with suppress(Corrupt):
            tables[table_id] = readable(partial(_table, data, table_version))
    return Catalog(version, tuple(tables.values()))


def read_catalog(store: Store) -> tuple[Cell | None, Catalog | None]:
    """Return the catalog's cell and what it holds; `None` for what is missing or cannot be read."""
    cell = store.get([CATALOG_KEY]).get(CATALOG_KEY)
    if cell is None:
        return None, None
    try:
        return cell, readable(lambda: _checked(Catalog.from_cell(cell)))
    except Corrupt:
        return cell, None


def _checked(catalog: Catalog) -> Catalog:
    """Return a catalog from a cell if its names and ids are some."""
    indexes = [*indexes_of(catalog)]
    names = [name for table in catalog.tables for name in (table.name, table.status, *chain(*table.tags))]
    names += [name for index in indexes for name in (index.field, index.status)]
    ids = [*(table.id for table in catalog.tables), *(index.id for index in indexes)]
    if not all(isinstance(name, str) for name in (*names, *ids)) or not all(map(is_id, ids)):
        raise Corrupt("not readable: a name or an id in it is none")
    return catalog


def catalog_differences(
    expected: Catalog, cell: Cell | None, found: Catalog | None, building: Mapping[str, str]
) -> Iterator[Difference]:
    """Compare the catalog's cell with the journal.

    Args:
        building: the statuses of the indexes that somebody still builds, which is no difference.
    """
    wanted = with_statuses(expected, building)
    if cell is not None and cell.data == wanted.to_cell():
        return
    for finding in _findings(expected, cell, found):
        yield Difference(_ITEM, finding, CATALOG_KEY, cell, wanted.to_cell)


def version_findings(expected: Expected) -> Iterator[Finding]:
    """Give the tables whose definitions do not follow each other in the journal."""
    versions: dict[str, list[int]] = {}
    for table_id, version, _, _, _ in expected.definitions():
        versions.setdefault(table_id, []).append(version)
    for table_id, found in versions.items():
        if found != list(range(len(found))):
            yield Finding(f"table {table_id}", f"its definitions in the journal are {found}")


def unfinished(expected: Expected) -> frozenset[str]:
    """Return the ids of the indexes that were not complete yet when their tables were defined the last time."""
    newest: dict[str, frozenset[str]] = {}
    for table_id, _, _, _, data in expected.definitions():
        with suppress(Corrupt):
            newest[table_id] = readable(partial(_building, data))
    return frozenset[str]().union(*newest.values())


def indexes_of(catalog: Catalog | None) -> Iterator[Index]:
    """Give all indexes of a catalog."""
    return (index for table in (catalog.tables if catalog else ()) for index in table.indexes)


def is_unfinished(index: Index) -> bool:
    """Tell whether an index is said to lack entries."""
    return index.status in _UNFINISHED


def with_statuses(expected: Catalog, building: Mapping[str, str]) -> Catalog:
    """Return the expected catalog, with the indexes that are not complete yet marked."""
    return replace(expected, tables=tuple(_with_statuses(table, building) for table in expected.tables))


def _with_statuses(table: TableInfo, building: Mapping[str, str]) -> TableInfo:
    indexes = (replace(each, status=building.get(each.id, ONLINE)) for each in table.indexes)
    return replace(table, indexes=tuple(indexes))


def _building(data: bytes) -> frozenset[str]:
    return frozenset(str(index["indexId"]) for index in ion.loads(data)["indexes"] if index["status"] != ONLINE)


def _findings(expected: Catalog, cell: Cell | None, found: Catalog | None) -> Iterator[Finding]:
    if cell is None or found is None:
        yield Finding("catalog", "is missing" if cell is None else "cannot be read")
        return
    journalled = {table.id: table for table in expected.tables}
    tables = {table.id: table for table in found.tables}
    for table_id in sorted(journalled.keys() ^ tables.keys()):
        yield Finding(f"table {table_id}", f"is missing from the {'journal' if table_id in tables else 'catalog'}")
    both = sorted(journalled.keys() & tables.keys())
    changed = [table_id for table_id in both if _definition(tables[table_id]) != _definition(journalled[table_id])]
    for table_id in changed:
        yield Finding(f"table {table_id}", "is not defined in the catalog as it is in the journal")
    if not changed and journalled.keys() == tables.keys():
        yield Finding("catalog", "its cell is not what the ledger writes")


def _definition(table: TableInfo) -> object:
    indexes = sorted((index.id, index.field) for index in table.indexes)
    return table.name, table.status, indexes, sorted(table.tags)


def _table(data: bytes, version: int) -> TableInfo:
    row = ion.loads(data)
    indexes = tuple(Index(str(index["indexId"]), str(index["expr"])[1:-1]) for index in row["indexes"])
    if not all(map(is_id, (str(row["tableId"]), *(index.id for index in indexes)))):
        raise Corrupt("not readable: an id is none")
    tags = tuple((str(key), str(value)) for key, value in ion.fields(row.get("tags") or {}))
    return TableInfo(str(row["tableId"]), str(row["name"]), indexes, str(row["status"]), version, tags)
