"""A sound ledger as a manipulation finds it, and what is easily found in its cells."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from drill.ground import Cells
from ledger import ion
from ledger.catalog import CATALOG_KEY, Catalog, TableInfo
from ledger.documents import read_current
from ledger.journal import tree
from ledger.journal.block import Block
from ledger.journal.cell import StoredBlock, read_block
from ledger.journal.revision import BlockAddress, Revision, revision_hash
from ledger.store import Cell, Key
from ledger.strand import block_key

_RICH = Decimal("1000000000.00")


class Scene(NamedTuple):
    """A ledger's cells now, and at an earlier time.

    Attributes:
        earlier_notes: of the auditor, at that time.
    """

    cells: Cells
    earlier: Cells
    earlier_notes: bytes | None

    @property
    def strands(self) -> list[str]:
        """Return the ids of the strands, the longest first."""
        strands = {key.partition.removeprefix("block/") for key in self.cells if key.partition.startswith("block/")}
        return sorted(strands, key=lambda strand_id: (-self.length(strand_id), strand_id))

    def length(self, strand_id: str) -> int:
        """Return how many blocks a strand has."""
        return sum(1 for key in self.cells if key.partition == f"block/{strand_id}")

    @property
    def catalog(self) -> Catalog:
        """Return the catalog."""
        return Catalog.from_cell(Cell(1, self.cells[CATALOG_KEY]))

    @property
    def table(self) -> TableInfo:
        """Return the table of the accounts."""
        return next(table for table in self.catalog.tables if table.name == "wallettable")

    def accounts(self) -> list[Key]:
        """Return where the current revisions of the accounts are, those with the most history first."""
        keys = [key for key in self.cells if key.partition.startswith(f"document/{self.table.id}/")]
        return sorted(keys, key=lambda key: (-self.current(key).metadata.version, key))

    def current(self, key: Key) -> Revision:
        """Return a current revision."""
        return read_current(self.cells[key])

    def block(self, address: BlockAddress) -> StoredBlock:
        """Return a block."""
        return read_block(self.cells[block_key(address)])

    def blocks_from(self, address: BlockAddress) -> Iterator[StoredBlock]:
        """Give the blocks of a strand from one on."""
        while block_key(address) in self.cells:
            yield self.block(address)
            address = address._replace(sequence_no=address.sequence_no + 1)

    def middle(self) -> StoredBlock:
        """Return a block of a transaction, about half-way along the longest strand."""
        strand_id = self.strands[0]
        half = BlockAddress(strand_id, self.length(strand_id) // 2)
        return next(stored for stored in self.blocks_from(half) if stored.block.documents)


def richer(revision: Revision) -> Revision:
    """Return a revision with a billion in the account, and the hash of the true one."""
    document = ion.loads(revision.data or b"")
    fields = ((name, _RICH if name == "CurrentBalance" else value) for name, value in ion.fields(document))
    return replace(revision, data=ion.dumps(ion.struct(fields)))


def rehashed(revision: Revision) -> Revision:
    """Return a revision with the hash that its content has."""
    return replace(revision, hash=revision_hash(revision.metadata, ion.digest(ion.loads(revision.data or b""))))


def chained(block: Block, before: StoredBlock) -> StoredBlock:
    """Return a block with all the hashes that it has behind another one."""
    block = replace(block, previous_hash=before.hash)
    block_hash = block.computed_hash()
    return StoredBlock(block, block_hash, tree.append(block.address.sequence_no, before.growth.peaks, block_hash))
