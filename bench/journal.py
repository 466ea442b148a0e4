"""Makes a ledger with a long journal fast, for benchmarks and for tests of long journals.

    python -m bench.journal DIR --blocks 1000000 [--strands 4]

The ledger `bench` in DIR is one that commits could have made: every hash is right, and `fsck` finds nothing. Its
table T has a tenth as many documents as there are blocks, `{n: ..., name: "..."}`; each block is the next revision of
one of them, in turn. Ids are counters. A commit hashes every struct from its fields up and waits for the disk; here
the hashes of what blocks have in common are made once, and thousands of blocks go to the disk together.
"""

import argparse
import time
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from bench.fields import field, integer, string, struct
from ledger import clock, ion, settings, strand
from ledger.documents import document_key, history_key, write_pointer
from ledger.driver import connect
from ledger.ion_hash import serialize_value
from ledger.journal.cell import Tip
from ledger.journal.hashing import dot
from ledger.journal.revision import BlockAddress
from ledger.ledger import Ledger
from ledger.record import FORMAT, encode_bytes
from ledger.store import Key, SQLiteStore, Store
from ledger.strand import block_key

LEDGER, TABLE, NAME = "bench", "T", "a name of some length"
FIRST = 1 << 40
_BATCH, _REVISIONS, _WIDTH = 4000, 10, 6
_DATA = ion.dumps({"n": FIRST, "name": NAME}).split(FIRST.to_bytes(_WIDTH, "big"))
_STATEMENTS = {True: "INSERT INTO T ?", False: "UPDATE T SET n = n + 1"}


class Growing:
    """A strand as it grows: its last hash and its tree's peaks, as bytes and as their cells have them."""

    def __init__(self, tip: Tip) -> None:
        self.strand_id = tip.address.strand_id
        self.next = tip.address.sequence_no + 1
        self.previous = tip.hash
        self._peaks = [(peak, encode_bytes(peak)) for peak in tip.peaks]
        self.strand = field("strandId", string(self.strand_id))

    def append(self, block_hash: bytes) -> tuple[str, str]:
        """Take the next block's hash and return its cell's nodes and peaks."""
        size, node, completed = self.next, (block_hash, encode_bytes(block_hash)), list[str]()
        while size & 1:
            root = dot(self._peaks.pop()[0], node[0])
            node = root, encode_bytes(root)
            completed.append(node[1])
            size >>= 1
        self._peaks.append(node)
        self.next, self.previous = self.next + 1, block_hash
        return _quoted(completed), _quoted(text for _, text in self._peaks)


class Moment:
    """What all blocks of one batch have in common: their time, and so the statement that made them."""

    def __init__(self) -> None:
        now = clock.now()
        self.text = clock.write(now)
        serialized = serialize_value(clock.to_ion(now), ion.type_of)
        self.transaction, self.block = field("txTime", serialized), field("blockTimestamp", serialized)
        self.statements, self.infos = {}, {}
        for first, statement in _STATEMENTS.items():
            digest = ion.digest(statement)
            self.statements[first] = f'["{statement}","{self.text}","{encode_bytes(digest)}"]'
            shown = [{"statement": statement, "startTime": clock.to_ion(now), "statementDigest": digest}]
            self.infos[first] = field("statements", serialize_value(shown, ion.type_of))


class Change(NamedTuple):
    """The one revision of a block. `header` is its JSON as a cell has it, without the brace that opens it."""

    document_id: str
    version: int
    transaction_id: str
    hash: bytes
    header: str
    data: bytes


class Maker:
    """Makes the cells of one block after another."""

    def __init__(self, ledger: Ledger, documents: int) -> None:
        self._settings = ledger.settings
        catalog = ledger.load_catalog(fresh=True).catalog
        self._table_id = catalog.tables[0].id
        self._documents = documents
        self._system = f'{{"catalogVersion":{catalog.version}}}'
        self._system_hash = ion.digest({"catalogVersion": catalog.version})
        self._name = field("name", string(NAME))
        entry = {"tableName": TABLE, "tableId": self._table_id, "statements": [0]}
        self._entry = serialize_value(entry, ion.type_of)
        self._strands = cycle([Growing(strand.tip(ledger.store, strand_id)) for strand_id in self._settings.strands])

    def cells(self, number: int, moment: Moment, *, is_last: bool) -> Iterator[tuple[Key, bytes]]:
        """Give the cells of the next block: itself, its history pointer, and the document after its last change."""
        on, change = next(self._strands), self._change(number, moment)
        address = BlockAddress(on.strand_id, on.next)
        yield block_key(address), self._block(on, change, moment)
        yield history_key(change.document_id, change.version), write_pointer(address)
        if is_last:
            key = document_key(self._table_id, change.document_id, self._settings.shards)
            where = f'{{"address":["{address.strand_id}",{address.sequence_no}],"table":"{self._table_id}"'
            yield key, _packed(f"{where},{change.header}", change.data)

    def _change(self, number: int, moment: Moment) -> Change:
        version, document = divmod(number, self._documents)
        document_id, transaction_id = f"{document:022d}", f"{number:011d}{1:011d}"
        metadata = struct(
            field("id", string(document_id)),
            field("version", integer(version)),
            moment.transaction,
            field("txId", string(transaction_id)),
        )
        data = struct(field("n", integer(FIRST + number)), self._name)
        revision_hash = dot(_hash(metadata), _hash(data))
        header = (
            f'"id":"{document_id}","version":{version},"txTime":"{moment.text}","txId":"{transaction_id}",'
            f'"hash":"{encode_bytes(revision_hash)}"}}'
        )
        encoded = (FIRST + number).to_bytes(_WIDTH, "big").join(_DATA)
        return Change(document_id, version, transaction_id, revision_hash, header, encoded)

    def _block(self, on: Growing, change: Change, moment: Moment) -> bytes:
        address, previous = f'"{on.strand_id}",{on.next}', on.previous
        block_hash = dot(self._entries_hash(on, change, moment), previous)
        nodes, peaks = on.append(block_hash)
        return _packed(
            f'{{"address":[{address}],"transaction":"{change.transaction_id}","timestamp":"{moment.text}",'
            f'"hash":"{encode_bytes(block_hash)}","previous":"{encode_bytes(previous)}","nodes":[{nodes}],'
            f'"peaks":[{peaks}],"system":{self._system},"statements":[{moment.statements[change.version == 0]}],'
            f'"documents":{{"{change.document_id}":["{TABLE}","{self._table_id}",[0]]}},'
            f'"revisions":[{{{change.header}]}}',
            change.data,
        )

    def _entries_hash(self, on: Growing, change: Change, moment: Moment) -> bytes:
        address = struct(on.strand, field("sequenceNo", integer(on.next)))
        transaction = field("transactionId", string(change.transaction_id))
        place = struct(field("blockAddress", address), transaction, moment.block)
        documents = struct(field(change.document_id, self._entry))
        info = struct(moment.infos[change.version == 0], field("documents", documents))
        return dot(dot(_hash(place), change.hash), dot(self._system_hash, _hash(info)))


def make(store: Store, blocks: int, *, strands: int = 1) -> Ledger:
    """Make the ledger in an empty store, with so many blocks besides those that create it and its table."""
    settings.create(store, LEDGER, strands=strands)
    with connect(LEDGER, store) as driver:
        driver.execute_lambda(lambda txn: txn.execute_statement(f"CREATE TABLE {TABLE}"))
    ledger = Ledger(store, LEDGER)
    documents = max(1, blocks // _REVISIONS)
    maker, numbers = Maker(ledger, documents), iter(range(blocks))
    while batch := list(islice(numbers, _BATCH)):
        moment = Moment()
        cells = {
            key: data
            for number in batch
            for key, data in maker.cells(number, moment, is_last=number + documents >= blocks)
        }
        store.commit(cells, dict.fromkeys(cells))
    return ledger


def main() -> None:
    """Make a ledger in a folder, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--blocks", type=int, default=1_000_000)
    parser.add_argument("--strands", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    store = SQLiteStore(options.folder / f"{LEDGER}.db")
    make(store, options.blocks, strands=options.strands)
    store.close()
    print(f"{options.blocks} blocks in {time.perf_counter() - started:.1f} s")


def _hash(serialized: bytes) -> bytes:
    return sha256(serialized).digest()


def _quoted(texts: Iterable[str]) -> str:
    return ",".join(f'"{text}"' for text in texts)


def _packed(header: str, payload: bytes) -> bytes:
    """Return the bytes of a cell as `ledger.record.pack` does, of a header that is JSON already."""
    encoded = header.encode()
    return b"%c%b%b%b%b" % (FORMAT, len(encoded).to_bytes(4, "big"), encoded, len(payload).to_bytes(4, "big"), payload)


if __name__ == "__main__":
    main()
