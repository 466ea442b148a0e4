"""The cells that commit a transaction: its block, and everything that is derived from it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ledger import ion
from ledger.catalog import CATALOG_KEY, Catalog
from ledger.documents import document_key, history_key, write_current, write_pointer
from ledger.journal.block import Block, DocumentEntry
from ledger.journal.cell import Tip, write_block
from ledger.journal.revision import BlockAddress, Metadata, Revision, revision_hash
from ledger.redaction import pending_key, write_pending
from ledger.store.base import Key
from ledger.strand import block_key
from ledger.transaction.change import Change
from ledger.transaction.transaction import Transaction


def next_catalog(transaction: Transaction) -> Catalog:
    """Return the catalog that is in force after the transaction."""
    catalog = transaction.tables
    if not transaction.changed_tables:
        return catalog
    for table in catalog.tables:
        before = transaction.catalog_read.catalog.by_id(table.id)
        if before is not None and table.id in transaction.changed_tables:
            catalog = catalog.with_table(replace(table, version=before.version + 1))
    return replace(catalog, version=catalog.version + 1)


def cells_of_block(transaction: Transaction, catalog: Catalog, tip: Tip, now: datetime) -> dict[Key, bytes | None]:
    """Return the cells of the transaction's block behind `tip`: the block, documents, history pointers and catalog."""
    block = _block(transaction, catalog, tip, now)
    cells: dict[Key, bytes | None] = {block_key(block.address): write_block(block, tip.peaks)}
    for revision in block.revisions:
        if revision.table_id is not None:
            metadata = revision.metadata
            cells[history_key(metadata.id, metadata.version)] = write_pointer(block.address)
            key = document_key(revision.table_id, metadata.id, transaction.settings.shards)
            cells[key] = write_current(revision)
    if transaction.changed_tables:
        cells[CATALOG_KEY] = catalog.to_cell()
    return cells | {pending_key(redaction): write_pending(redaction) for redaction in transaction.redactions}


def cells_of_fences(
    transaction: Transaction, catalog: Catalog, tips: Iterable[Tip], now: datetime
) -> dict[Key, bytes | None]:
    """Return a system block for each of these strands, which tells it that there is a new catalog.

    Every commit builds on a strand's tip and finds the catalog's version there. So a transaction that does not know of
    a new index cannot commit behind the block that created it, on any strand, and leave a document out of the index.
    """
    cells: dict[Key, bytes | None] = {}
    for tip in tips:
        block = Block(
            address=tip.next_address,
            transaction_id=transaction.transaction_id,
            timestamp=max(now, tip.timestamp),
            previous_hash=tip.hash,
            system={"catalogVersion": catalog.version},
        )
        cells[block_key(block.address)] = write_block(block, tip.peaks)
    return cells


def _block(transaction: Transaction, catalog: Catalog, tip: Tip, now: datetime) -> Block:
    return Block(
        address=tip.next_address,
        transaction_id=transaction.transaction_id,
        timestamp=max(now, tip.timestamp),
        previous_hash=tip.hash,
        system={"catalogVersion": catalog.version},
        statements=transaction.statements,
        documents={
            change.document_id: DocumentEntry(change.table.name, change.table.id, change.statements)
            for change in transaction.changes.values()
        },
        revisions=[
            *_catalog_revisions(transaction, catalog, tip.next_address, now),
            *_document_revisions(transaction, tip.next_address, now),
        ],
        redactions=transaction.redactions,
    )


def _document_revisions(transaction: Transaction, address: BlockAddress, now: datetime) -> list[Revision]:
    changes = transaction.changes.values()
    bases = [change.base.revision.metadata for change in changes if change.base and change.base.revision]
    # Clocks of several machines differ: a document's times must not run backwards all the same.
    tx_time = max([now, *(base.tx_time for base in bases)])
    return [_document_revision(transaction, address, change, tx_time) for change in changes]


def _document_revision(transaction: Transaction, address: BlockAddress, change: Change, tx_time: datetime) -> Revision:
    metadata = Metadata(change.document_id, change.version, tx_time, transaction.transaction_id)
    data_hash = None if change.encoded is None else ion.digest(change.data)
    return Revision(address, metadata, change.table.id, change.encoded, revision_hash(metadata, data_hash))


def _catalog_revisions(
    transaction: Transaction, catalog: Catalog, address: BlockAddress, now: datetime
) -> list[Revision]:
    revisions = []
    for table in catalog.tables:
        if table.id in transaction.changed_tables:
            metadata = Metadata(table.id, table.version, now, transaction.transaction_id)
            row = table.definition()
            hashed = revision_hash(metadata, ion.digest(row))
            revisions.append(Revision(address, metadata, None, ion.dumps(row), hashed))
    return revisions
