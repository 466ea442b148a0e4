"""Journals whose every block the test places itself: in which strand, with which documents, at what time."""

from contextlib import contextmanager
from datetime import timedelta

from ledger import ids, ion, settings, strand
from ledger.documents import history_key, write_pointer
from ledger.journal.block import Block, DocumentEntry, Statement
from ledger.journal.cell import StoredBlock, read_block, write_block, write_stored
from ledger.journal.revision import BlockAddress, Metadata, Revision, revision_hash
from ledger.journal.tree import Growth
from tests.blocks import block_cells

TABLE_ID = "T" * 22
DATA = ion.dumps({"n": 1})
_DATA_HASH = ion.digest({"n": 1})


class Journal:
    """A new ledger's journal.

    Commits look to readers like those of the ledger: a block, and a history pointer for each of its documents.
    """

    def __init__(self, store, strands):
        self.store = store
        self.settings = settings.create(store, "demo", strands=strands)
        self.strands = self.settings.strands
        self.now = self.settings.created
        self._tips = {strand_id: strand.tip(store, strand_id) for strand_id in self.strands}
        self._versions = {}
        self._cells = None

    def commit(self, index, documents=(), *, at=None, text="UPDATE T", system=False):
        """Commit new versions of some documents, given by their numbers, to one strand."""
        tip = self._tips[self.strands[index]]
        address, timestamp = tip.next_address, max(at or self._later(), tip.timestamp)
        versions = {name: self._versions.get(name, -1) + 1 for name in map(document_id, documents)}
        block = Block(
            address=address,
            transaction_id=ids.new_id(),
            timestamp=timestamp,
            previous_hash=tip.hash,
            system={"catalogVersion": 0},
            statements=() if system else [Statement(text, timestamp, bytes(32))],
            documents={name: DocumentEntry("T", TABLE_ID, [0]) for name in versions},
            revisions=[_revision(address, name, version, timestamp) for name, version in versions.items()],
        )
        data = write_block(block, tip.peaks)
        self._versions |= versions
        self._put({strand.block_key(address): data} | _pointers(block))
        self._tips[address.strand_id] = strand.read_tip(data)
        return address

    def fill(self, count):
        """Commit many blocks fast, each with a document of its own; their hashes only chain, none is a true one."""
        with self.batch():
            for number in range(count):
                tip = self._tips[self.strands[number % len(self.strands)]]
                revision = _revision(tip.next_address, document_id(number), 0, self.now)
                block = Block(
                    address=tip.next_address,
                    transaction_id="x" * 22,
                    timestamp=self.now,
                    previous_hash=tip.hash,
                    system={"catalogVersion": 0},
                    documents={document_id(number): DocumentEntry("T", TABLE_ID, [0])},
                    revisions=[revision],
                )
                name = number.to_bytes(32, "big")
                self._put({strand.block_key(block.address): write_stored(StoredBlock(block, name, Growth((), ())))})
                self._tips[block.address.strand_id] = tip._replace(address=block.address, hash=name)

    @contextmanager
    def batch(self):
        """Write what is committed inside all at once, at the end."""
        self._cells = {}
        yield
        cells, self._cells = self._cells, None
        self._put(cells)

    def blocks(self):
        """Return every block of every strand."""
        cells = [cell for strand_id in self.strands for cell in block_cells(self.store, strand_id)]
        return [read_block(cell) for cell in cells]

    def _later(self):
        self.now += timedelta(milliseconds=1)
        return self.now

    def _put(self, cells):
        if self._cells is None:
            self.store.commit(cells, dict.fromkeys(cells))
        else:
            self._cells |= cells


def document_id(number):
    return f"{number:022d}"


def check_order(blocks):
    """Check that each strand goes on without a gap, and each document from version to version."""
    places, versions = {}, {}
    for block in blocks:
        strand_id, number = block.address
        assert number == places.get(strand_id, number - 1) + 1
        places[strand_id] = number
        for revision in block.revisions:
            name, version = revision.metadata.id, revision.metadata.version
            if revision.table_id:
                assert version == versions.get(name, version - 1) + 1
                versions[name] = version


def _revision(address, name, version, timestamp):
    metadata = Metadata(name, version, timestamp, "x" * 22)
    return Revision(address, metadata, TABLE_ID, DATA, revision_hash(metadata, _DATA_HASH))


def _pointers(block):
    metadata = [revision.metadata for revision in block.revisions]
    return {history_key(each.id, each.version): write_pointer(block.address) for each in metadata}


def block_address(journal, index, number):
    return BlockAddress(journal.strands[index], number)
