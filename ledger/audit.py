"""Checking a ledger against itself: every hash from the data, and everything derived against the journal.

The journal is the truth. Current documents, history pointers, indexes and the catalog must be what its blocks say; each
difference is a finding that names what is wrong and where.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger import ion
from ledger import settings as ledger_settings
from ledger.catalog import CATALOG_KEY, Catalog, TableInfo
from ledger.documents import document_key, history_key, write_current, write_pointer
from ledger.indexes import HEAD, Head, document_partition
from ledger.journal import tree
from ledger.journal.cell import StoredBlock, read_block, write_stored
from ledger.journal.revision import Revision
from ledger.settings import Settings
from ledger.store.base import Cell, Store
from ledger.strand import block_cells


class Finding(NamedTuple):
    """Something that is not as the journal says it must be."""

    where: str
    what: str


def audit(store: Store, name: str) -> Iterator[Finding]:
    """Give everything that is wrong with a ledger that nobody writes to meanwhile; nothing if all is well.

    Keeps every document's revision hashes in memory.

    Raises:
        LedgerNotFoundError: the store does not hold that ledger.
        Corrupt: a cell cannot be read at all.
    """
    settings = ledger_settings.load(store, name)
    revisions: dict[str, dict[int, Revision]] = defaultdict(dict)
    for strand_id in settings.strands:
        previous: StoredBlock | None = None
        peaks: tuple[bytes, ...] = ()
        for sequence_no, cell_data in enumerate(block_cells(store, strand_id)):
            stored = read_block(cell_data)
            growth = tree.append(sequence_no, peaks, stored.hash)
            yield from _audit_block(stored, previous, sequence_no, growth)
            if write_stored(stored) != cell_data:
                yield Finding(_place(stored), "its cell is not what the ledger writes")
            for revision in stored.block.revisions:
                revisions[revision.metadata.id][revision.metadata.version] = revision
            previous, peaks = stored, growth.peaks
        if previous is None:
            yield Finding(f"strand {strand_id}", "has no blocks")
    catalog = Catalog.from_cell(store.get([CATALOG_KEY])[CATALOG_KEY])
    yield from _audit_catalog(catalog, revisions)
    documents = {
        document_id: versions for document_id, versions in revisions.items() if versions[min(versions)].table_id
    }
    for document_id, versions in documents.items():
        yield from _audit_document(store, settings, document_id, versions)
    for table in catalog.tables:
        mine = [versions for versions in documents.values() if versions[min(versions)].table_id == table.id]
        yield from _audit_indexes(store, table, mine)


def _audit_block(
    stored: StoredBlock, previous: StoredBlock | None, sequence_no: int, growth: tree.Growth
) -> Iterator[Finding]:
    block, where = stored.block, _place(stored)
    if block.address.sequence_no != sequence_no:
        yield Finding(where, f"stands where block {sequence_no} is expected")
    if block.previous_hash != (previous.hash if previous else b""):
        yield Finding(where, "does not chain to the block before it")
    if previous and block.timestamp < previous.block.timestamp:
        yield Finding(where, "is older than the block before it")
    if stored.hash != block.computed_hash():
        yield Finding(where, "its content does not have its hash")
    if stored.growth != growth:
        yield Finding(where, "its nodes of the Merkle tree are wrong")
    for revision in block.revisions:
        if revision.hash != revision.computed_hash():
            metadata = revision.metadata
            yield Finding(where, f"revision {metadata.version} of document {metadata.id} does not have its hash")


def _place(stored: StoredBlock) -> str:
    strand_id, sequence_no = stored.block.address
    return f"block {sequence_no} of strand {strand_id}"


def _audit_catalog(catalog: Catalog, revisions: dict[str, dict[int, Revision]]) -> Iterator[Finding]:
    journalled = {
        document_id: versions[max(versions)]
        for document_id, versions in revisions.items()
        if versions[max(versions)].table_id is None
    }
    tables = {table.id: table for table in catalog.tables}
    for table_id in sorted(journalled.keys() | tables.keys()):
        where = f"table {table_id}"
        if table_id not in tables or table_id not in journalled:
            yield Finding(where, "is missing from the " + ("journal" if table_id in tables else "catalog"))
        elif _definition(tables[table_id].definition()) != _definition(ion.loads(journalled[table_id].data or b"")):
            yield Finding(where, "is not defined in the catalog as it is in the journal")


def _definition(row: ion.Value) -> object:
    indexes = sorted((index["indexId"], index["expr"]) for index in row["indexes"])
    return row["name"], row["status"], indexes, dict(row.get("tags") or {})


def _audit_document(
    store: Store, settings: Settings, document_id: str, versions: dict[int, Revision]
) -> Iterator[Finding]:
    where = f"document {document_id}"
    newest = versions[max(versions)]
    if sorted(versions) != list(range(newest.metadata.version + 1)):
        yield Finding(where, f"has versions {sorted(versions)} in the journal")
    times = [versions[version].metadata.tx_time for version in sorted(versions)]
    if times != sorted(times):
        yield Finding(where, "its revisions are not in the order of their times")
    key = document_key(newest.table_id or "", document_id, settings.shards)
    cell = store.get([key]).get(key)
    if cell is None or cell.data != write_current(newest):
        yield Finding(where, "its current revision is not the newest of the journal")
    pointers = {key: cell.data for key, cell in store.scan(history_key(document_id, 0).partition)}
    if pointers != {history_key(document_id, v): write_pointer(r.address) for v, r in versions.items()}:
        yield Finding(where, "its history pointers do not lead to its revisions")


def _audit_indexes(store: Store, table: TableInfo, documents: Iterable[dict[int, Revision]]) -> Iterator[Finding]:
    for index in (index for index in table.indexes if index.status == "ONLINE"):
        expected: dict[str, set[str]] = defaultdict(set)
        for versions in documents:
            for revision in versions.values():
                partition = document_partition(index, ion.loads(revision.data)) if revision.data else None
                if partition and revision.metadata.version == max(versions):
                    expected[partition].add(revision.metadata.id)
                elif partition:
                    expected.setdefault(partition, set())
        for partition, document_ids in expected.items():
            cells = {key.sort: cell for key, cell in store.scan(partition)}
            head: Cell | None = cells.pop(HEAD, None)
            if set(cells) != document_ids or Head.from_cell(head) != Head.of(document_ids):
                where = f"index {index.id} on {table.name} ({index.field})"
                yield Finding(
                    where, f"has {len(cells)} entries where the journal has {len(document_ids)} at {partition}"
                )
