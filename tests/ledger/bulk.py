"""Fills a table with many documents fast: their cells as commits leave them, without the journal behind them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from ledger import clock, ion
from ledger.catalog import CATALOG_KEY, Catalog
from ledger.documents import document_key, write_current
from ledger.ids import new_id
from ledger.indexes import ENTRY, Head, document_partition, entry_key, head_key
from ledger.journal.revision import BlockAddress, Metadata, Revision
from ledger.store import Key

FIRST = 1 << 40
_WIDTH = 6
_TEMPLATE = ion.dumps({"k": FIRST}).removesuffix(FIRST.to_bytes(_WIDTH, "big"))


def fill(client, table_name, count, *, batch=30, threads=4):
    """Write documents `{k: FIRST}`, `{k: FIRST + 1}` and so on, each with an entry in the table's index on k."""
    store, settings = client.ledger.store, client.ledger.settings
    table = Catalog.from_cell(store.get([CATALOG_KEY])[CATALOG_KEY]).active(table_name)
    documents = _documents(table, settings, count)
    batches = iter(lambda: [cell for cells in islice(documents, batch) for cell in cells], [])

    def write(cells):
        store.commit(dict(cells), dict.fromkeys(key for key, _ in cells))

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(write, batches):
            pass


def _documents(table, settings, count) -> Iterator[list[tuple[Key, bytes]]]:
    now, [index] = clock.now(), table.indexes
    for value in range(FIRST, FIRST + count):
        document_id = new_id()
        encoded = _TEMPLATE + value.to_bytes(_WIDTH, "big")
        metadata = Metadata(document_id, 0, now, "0" * 22)
        revision = Revision(BlockAddress(settings.strands[0], 1), metadata, table.id, encoded, bytes(32))
        partition = document_partition(index, {"k": value})
        yield [
            (document_key(table.id, document_id, settings.shards), write_current(revision)),
            (head_key(partition), Head.of([document_id]).to_cell()),
            (entry_key(partition, document_id), ENTRY),
        ]
