"""The catalog: which tables and indexes the ledger has. One small cell, changed by DDL statements only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from ledger import ion
from ledger.errors import BadRequestException, LimitExceededException
from ledger.ids import new_id
from ledger.limits import Limits
from ledger.record import pack, unpack
from ledger.store.base import Cell, Key

CATALOG_KEY = Key("catalog", "tables")
TABLE_EXISTS, NO_SUCH_TABLE = "412", "432"
ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"


@dataclass(frozen=True, slots=True)
class Index:
    """An index over one top-level field. Only an ONLINE one is used; a BUILDING one is kept up but not complete yet."""

    id: str
    field: str
    status: str = "ONLINE"

    def to_ion(self) -> ion.Value:
        """Return the row of the catalog's `indexes`."""
        return {"indexId": self.id, "expr": f"[{self.field}]", "status": self.status}


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table.

    Attributes:
        status: ACTIVE, or INACTIVE once it is dropped.
        version: counts the changes of its definition, each of which is a revision in the journal.
        tags: as CREATE TABLE gave them.
    """

    id: str
    name: str
    indexes: tuple[Index, ...] = ()
    status: str = ACTIVE
    version: int = 0
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def is_active(self) -> bool:
        """Tell whether the table can be named in statements."""
        return self.status == ACTIVE

    def to_ion(self) -> ion.Value:
        """Return the row of `information_schema.user_tables`."""
        indexes = [index.to_ion() for index in self.indexes]
        return {"tableId": self.id, "name": self.name, "indexes": indexes, "status": self.status}

    def definition(self) -> ion.Value:
        """Return what the journal keeps of the table: the catalog's row, and its tags if it has any."""
        return self.to_ion() | ({"tags": dict(self.tags)} if self.tags else {})

    def online_index(self, field: str) -> Index | None:
        """Return the index that can answer an equality on `field`."""
        return next((index for index in self.indexes if index.field == field and index.status == "ONLINE"), None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All tables. `version` grows by one with each DDL transaction; every block notes the version it was made under."""

    version: int = 0
    tables: tuple[TableInfo, ...] = ()

    def active(self, name: str) -> TableInfo | None:
        """Return the active table of this name."""
        return next((table for table in self.tables if table.is_active and table.name == name), None)

    def by_id(self, table_id: str) -> TableInfo | None:
        """Return the table with this id, active or not."""
        return next((table for table in self.tables if table.id == table_id), None)

    def rows(self) -> Iterator[ion.Value]:
        """Give the rows of `information_schema.user_tables`."""
        return (table.to_ion() for table in self.tables)

    def with_new_table(self, name: str, tags: Mapping[str, str], limits: Limits) -> tuple["Catalog", TableInfo]:
        """Return the catalog with one more table, and that table.

        Raises:
            BadRequestException: the name is taken.
            LimitExceededException: the ledger has as many tables as it may.
        """
        self._check_room_for(name, limits)
        if len(self.tables) >= limits.total_tables:
            most = f"the ledger has {limits.total_tables} tables, dropped ones included"
            raise LimitExceededException(f"{most}: the most it may have")
        table = TableInfo(new_id(), name, tags=tuple(tags.items()))
        return replace(self, tables=(*self.tables, table)), table

    def with_dropped_table(self, table: TableInfo) -> "Catalog":
        """Return the catalog in which the table is inactive. Its indexes stay: nobody can write to it meanwhile."""
        return self.with_table(replace(table, status=INACTIVE))

    def with_undropped_table(self, table_id: str, limits: Limits) -> "Catalog":
        """Return the catalog in which an inactive table is active again.

        Raises:
            BadRequestException: there is no inactive table of this id, or an active one of its name.
            LimitExceededException: the ledger has as many active tables as it may.
        """
        table = self.by_id(table_id)
        if table is None or table.is_active:
            raise BadRequestException(f"No inactive table with id: {table_id[:40]}")
        self._check_room_for(table.name, limits)
        return self.with_table(replace(table, status=ACTIVE))

    def _check_room_for(self, name: str, limits: Limits) -> None:
        if self.active(name):
            raise BadRequestException(f"Table with name: USER.{name} already exists", TABLE_EXISTS)
        if sum(table.is_active for table in self.tables) >= limits.active_tables:
            raise LimitExceededException(f"the ledger has {limits.active_tables} active tables, the most it may have")

    def with_new_index(self, table: TableInfo, field: str, status: str, limits: Limits) -> "Catalog":
        """Return the catalog with one more index on `table`.

        Raises:
            BadRequestException: the field has an index.
            LimitExceededException: the table has as many indexes as it may.
        """
        if any(index.field == field for index in table.indexes):
            raise BadRequestException(f"Index on field: {field} of table: USER.{table.name} already exists")
        if len(table.indexes) >= limits.indexes_per_table:
            raise LimitExceededException(
                f"table {table.name} has {limits.indexes_per_table} indexes, the most it may have"
            )
        return self.with_table(replace(table, indexes=(*table.indexes, Index(new_id(), field, status))))

    def without_index(self, table: TableInfo, index_id: str) -> "Catalog":
        """Return the catalog without an index of `table`. Its cells stay where nobody looks for them.

        Raises:
            BadRequestException: the table has no index of this id.
        """
        left = tuple(index for index in table.indexes if index.id != index_id)
        if len(left) == len(table.indexes):
            raise BadRequestException(f"No index with id: {index_id[:40]} on table: USER.{table.name}")
        return self.with_table(replace(table, indexes=left))

    def with_table(self, changed: TableInfo) -> "Catalog":
        """Return the catalog with `changed` in the place of the table of its id."""
        return replace(self, tables=tuple(changed if table.id == changed.id else table for table in self.tables))

    def to_cell(self) -> bytes:
        """Return the bytes of the catalog's cell."""
        return pack({"version": self.version, "tables": [_table_header(table) for table in self.tables]})

    @staticmethod
    def from_cell(cell: Cell) -> "Catalog":
        """Return the catalog that `to_cell` wrote."""
        header, _ = unpack(cell.data)
        return Catalog(header["version"], tuple(_table(table) for table in header["tables"]))


class CatalogRead(NamedTuple):
    """The catalog and the version of the cell that it was read from."""

    catalog: Catalog
    cell_version: int


class LoadCatalog(Protocol):
    """How a transaction gets at the catalog."""

    def __call__(self, *, fresh: bool) -> CatalogRead:
        """Return the catalog: as the store has it now, or as it was read lately."""


def _table_header(table: TableInfo) -> dict[str, Any]:
    header = {
        "id": table.id,
        "name": table.name,
        "status": table.status,
        "version": table.version,
        "indexes": [{"id": index.id, "field": index.field, "status": index.status} for index in table.indexes],
    }
    return header | ({"tags": table.tags} if table.tags else {})


def _table(header: dict[str, Any]) -> TableInfo:
    indexes = tuple(Index(**index) for index in header["indexes"])
    tags = tuple((key, value) for key, value in header.get("tags", ()))
    return TableInfo(header["id"], header["name"], indexes, header["status"], header["version"], tags)
