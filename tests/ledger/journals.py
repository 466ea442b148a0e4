"""Makes long ledgers fast: the cells that single commits would leave, many blocks in one commit."""

from datetime import timedelta

from ledger import clock, ion, strand
from ledger.catalog import CATALOG_KEY, Catalog
from ledger.documents import document_key, history_key, write_current, write_pointer
from ledger.ids import new_id
from ledger.indexes import ENTRY, Head, document_partition, entry_key, head_key
from ledger.journal.block import Block, DocumentEntry, Statement
from ledger.journal.cell import read_tip, write_block
from ledger.journal.revision import Metadata, Revision, revision_hash
from ledger.strand import block_key

STATEMENT = "INSERT INTO T ?"


def grow(client, blocks, *, start=0, batch=200, milliseconds=10):
    """Add blocks to every strand in turn, each inserting one document `{k: number}` into table T, indexed on k."""
    store, settings = client.ledger.store, client.ledger.settings
    catalog = Catalog.from_cell(store.get([CATALOG_KEY])[CATALOG_KEY])
    table = catalog.active("T")
    tips = [strand.tip(store, strand_id) for strand_id in settings.strands]
    first = max(tip.timestamp for tip in tips)
    digest = ion.digest(STATEMENT)
    cells = {}
    for number in range(start, start + blocks):
        tip = tips[number % len(tips)]
        now = first + timedelta(milliseconds=milliseconds * (number + 1 - start))
        document_id, data = new_id(), {"k": number}
        metadata = Metadata(document_id, 0, now, new_id())
        hashed = revision_hash(metadata, ion.digest(data))
        revision = Revision(tip.next_address, metadata, table.id, ion.dumps(data), hashed)
        block = Block(
            address=tip.next_address,
            transaction_id=metadata.tx_id,
            timestamp=now,
            previous_hash=tip.hash,
            system={"catalogVersion": catalog.version},
            statements=[Statement(STATEMENT, now, digest)],
            documents={document_id: DocumentEntry("T", table.id, (0,))},
            revisions=[revision],
        )
        cell = cells[block_key(block.address)] = write_block(block, tip.peaks)
        tips[number % len(tips)] = read_tip(cell)
        cells[history_key(document_id, 0)] = write_pointer(block.address)
        cells[document_key(table.id, document_id, settings.shards)] = write_current(revision)
        partition = document_partition(table.indexes[0], data)
        cells[head_key(partition)] = Head.of([document_id]).to_cell()
        cells[entry_key(partition, document_id)] = ENTRY
        if len(cells) >= 5 * batch or number == start + blocks - 1:
            store.commit(cells, dict.fromkeys(cells))
            cells = {}
    return clock.milliseconds(first + timedelta(milliseconds=milliseconds * (blocks + 1)))
