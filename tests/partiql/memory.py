"""Tables in memory, without storage: dicts behind the protocols of ledger.partiql.tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ledger import ion
from ledger.comparison import compare, equal


@dataclass(frozen=True)
class MemoryRevision:
    table: "MemoryTable"
    document_id: str
    version: int
    data: Any

    def committed(self) -> Any:
        metadata = {
            "id": self.document_id,
            "version": self.version,
            "txTime": self.time,
            "txId": self.table.tables.transaction_id,
        }
        data = {} if self.data is None else {"data": self.data}
        return {
            "blockAddress": {"strandId": "S", "sequenceNo": self.version},
            "hash": b"h",
            **data,
            "metadata": metadata,
        }

    @property
    def time(self) -> Any:
        """Version n was committed on day n + 1 of 2020."""
        return ion.parse(f"2020-01-{self.version + 1:02}T00:00:00.000Z")


@dataclass
class MemoryTable:
    tables: "MemoryTables"
    id: str
    name: str
    indexed_fields: list[str] = field(default_factory=list)
    revisions: dict[str, list[MemoryRevision]] = field(default_factory=dict)

    def _current(self) -> Iterator[MemoryRevision]:
        return (chain[-1] for chain in self.revisions.values() if chain[-1].data is not None)

    def scan(self) -> Iterator[MemoryRevision]:
        self.tables.calls.append(f"scan {self.name}")
        yield from self._current()

    def find(self, document_id: str) -> MemoryRevision | None:
        self.tables.calls.append(f"find {self.name} {document_id}")
        return next((found for found in self._current() if found.document_id == document_id), None)

    def lookup(self, field: str, value: Any) -> Iterator[MemoryRevision]:
        assert not ion.is_null(value)
        self.tables.calls.append(f"lookup {self.name}.{field} {ion.text(value)}")
        for found in self._current():
            held = dict(ion.fields(found.data)).get(field)
            if not ion.is_null(held) and equal(held, value):
                yield found

    def insert(self, data: Any) -> str:
        document_id = f"{self.name.lower()}{len(self.revisions)}"
        self.revisions[document_id] = [MemoryRevision(self, document_id, 0, data)]
        return document_id

    def replace(self, document: MemoryRevision, data: Any) -> None:
        chain = self.revisions[document.document_id]
        chain.append(MemoryRevision(self, document.document_id, len(chain), data))

    def delete(self, document: MemoryRevision) -> None:
        self.replace(document, None)

    def history(
        self, document_id: str | None, start: Any, end: Any, versions: Sequence[int] | None = None
    ) -> Iterator[MemoryRevision]:
        wanted = "" if versions is None else f" {versions}"
        self.tables.calls.append(f"history {self.name} {document_id}{wanted}")
        assert all(bound is None or bound.tzinfo for bound in (start, end))
        chains = self.revisions.values() if document_id is None else [self.revisions.get(document_id, [])]
        for chain in chains:
            for index, revision in enumerate(chain):
                ended = (
                    start is not None and index + 1 < len(chain) and (compare(chain[index + 1].time, start) or 0) <= 0
                )
                begun = end is None or (compare(revision.time, end) or 0) <= 0
                if begun and not ended and (versions is None or revision.version in versions):
                    yield revision


class TableExistsError(Exception):
    """Stands for the errors of the layer below."""


@dataclass
class MemoryTables:
    transaction_id: str = "TX"
    active: dict[str, MemoryTable] = field(default_factory=dict)
    inactive: dict[str, MemoryTable] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    statement_time: datetime = datetime(2021, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)

    def check_time(self) -> None:
        """Memory has no limits."""

    def table(self, name: str) -> MemoryTable | None:
        return self.active.get(name)

    def table_by_id(self, table_id: str) -> MemoryTable | None:
        known = [*self.active.values(), *self.inactive.values()]
        return next((table for table in known if table.id == table_id), None)

    def catalog(self) -> Iterator[Any]:
        for table in [*self.active.values(), *self.inactive.values()]:
            indexes = [
                {"indexId": f"I{index}", "expr": f"[{name}]", "status": "ONLINE"}
                for index, name in enumerate(table.indexed_fields)
            ]
            yield {
                "tableId": table.id,
                "name": table.name,
                "indexes": indexes,
                "status": "INACTIVE" if table.id in self.inactive else "ACTIVE",
            }

    def create_table(self, name: str, tags: Mapping[str, str]) -> str:
        if name in self.active:
            raise TableExistsError(f"Table with name: USER.{name} already exists")
        table = self.active[name] = MemoryTable(self, f"T{len(self.active) + len(self.inactive)}", name)
        self.tags[table.id] = dict(tags)
        return table.id

    def drop_table(self, name: str) -> str:
        table = self.active.pop(name)
        self.inactive[table.id] = table
        return table.id

    def undrop_table(self, table_id: str) -> str:
        if table_id not in self.inactive:
            raise TableExistsError(f"no inactive table {table_id}")
        table = self.inactive.pop(table_id)
        self.active[table.name] = table
        return table.id

    def create_index(self, table_name: str, field: str) -> str:
        self.active[table_name].indexed_fields.append(field)
        return self.active[table_name].id

    def redact_revision(self, strand_id: str, sequence_no: int, table_id: str, document_id: str) -> object:
        address = {"strandId": strand_id, "sequenceNo": sequence_no}
        return {"blockAddress": address, "tableId": table_id, "documentId": document_id, "version": 0}

    def drop_index(self, table_name: str, index_id: str) -> str:
        fields = self.active[table_name].indexed_fields
        if not (index_id.removeprefix("I").isdecimal() and int(index_id[1:]) < len(fields)):
            raise TableExistsError(f"no index {index_id}")
        del fields[int(index_id[1:])]
        return self.active[table_name].id


def example_tables() -> MemoryTables:
    """Three tables: Person with an index on GovId, Orders without one, and an empty one."""
    tables = MemoryTables()
    contents = {
        "Person": """[
            {GovId: "A", name: "Ann", age: 30, city: {name: "Bern", zip: 3000}, tags: ["x", "y"], vip: true},
            {GovId: "B", name: "Bob", age: 41, nick: null, tags: []},
            {GovId: "C", name: "Cid", age: 25.5, email: "100%@example.org"},
        ]""",
        "Orders": """[
            {nr: 1, customer: "A", lines: [{sku: "p1", n: 2}, {sku: "p2", n: 1}], total: 10.50},
            {nr: 2, customer: "B", lines: [{sku: "p1", n: 5}], total: 25.00},
            {nr: 3, customer: "A", lines: [], total: 0.00},
        ]""",
        "Empty": "[]",
    }
    for name, documents in contents.items():
        tables.create_table(name, {})
        for document in ion.parse(documents):
            tables.active[name].insert(document)
    tables.create_index("Person", "GovId")
    return tables
