"""What somebody who can write to the table may try. Each gives the cells that he writes, and what must be named."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from drill.wallet import Cells, Past
from ledger import ion
from ledger.documents import history_key, read_current, write_current
from ledger.indexes import HEAD, Head
from ledger.journal import tree
from ledger.journal.cell import StoredBlock, read_block, write_stored
from ledger.journal.revision import BlockAddress, Revision, revision_hash
from ledger.store import Cell, Key
from ledger.strand import block_key

Writes = Mapping[Key, bytes | None]
Named = Mapping[str, Any]
"""Fields that a finding must have; `text`, words that must be in what it says."""


class Attempt(NamedTuple):
    """One try: what is written, and what the audit must name."""

    writes: Writes
    named: Named


class Manipulation(NamedTuple):
    """A kind of manipulation.

    Attributes:
        try_on: gives an attempt on a ledger with this past.
        is_refused: whether the journal does not continue the notarised one afterwards, so that the notary refuses.
    """

    name: str
    try_on: Callable[[Past], Attempt]
    is_refused: bool = False


def change_balance(past: Past) -> Attempt:
    """Change the balance that everybody reads."""
    key = next(key for key in past.cells if key.partition.startswith("document/"))
    revision = read_current(past.cells[key])
    changed = replace(revision, data=_richer(revision))
    return Attempt({key: write_current(changed)}, {"kind": "document", "documentId": key.sort, "text": "newest"})


def change_data_and_hash(past: Past) -> Attempt:
    """Change a balance in the journal, with the hash of its revision."""
    stored = _middle(past)
    place = block_key(stored.block.address)
    [revision] = stored.block.revisions
    block = replace(stored.block, revisions=[_changed(revision)])
    writes = {place: write_stored(stored._replace(block=block))}
    return Attempt(writes, _block(stored.block.address, "its content does not have its hash"))


def rechain(past: Past) -> Attempt:
    """Change a balance in the journal, and write every hash after it anew: a perfect other journal."""
    first = _middle(past)
    address = first.block.address
    writes = dict[Key, bytes | None]()
    link = _block_at(past, address.strand_id, address.sequence_no - 1)
    for stored in _blocks_from(past.cells, address):
        revisions = [_changed(each) if stored == first else each for each in stored.block.revisions]
        block = replace(stored.block, revisions=revisions, previous_hash=link.hash)
        growth = tree.append(block.address.sequence_no, link.growth.peaks, block.computed_hash())
        link = StoredBlock(block, block.computed_hash(), growth)
        writes[block_key(block.address)] = write_stored(link)
    [revision] = first.block.revisions
    what = f"revision {revision.metadata.version} of document {revision.metadata.id} is not the one"
    return Attempt(writes, _block(address, what))


def delete_block(past: Past) -> Attempt:
    """Delete a block in the middle of a strand."""
    address = _middle(past).block.address
    return Attempt({block_key(address): None}, _block(address, "is missing"))


def delete_newest_blocks(past: Past) -> Attempt:
    """Delete the last five blocks of a strand."""
    strand_id = past.settings.strands[0]
    size = sum(1 for key in past.cells if key.partition == f"block/{strand_id}")
    addresses = [BlockAddress(strand_id, number) for number in range(size - 5, size)]
    named = {"kind": "block", "strandId": strand_id, "text": f"ends with block {size - 6}, but"}
    return Attempt(dict.fromkeys(map(block_key, addresses)), named)


def delete_history_pointer(past: Past) -> Attempt:
    """Delete what leads to an old revision."""
    document_id = next(key.sort for key in past.cells if key.partition.startswith("document/"))
    key = history_key(document_id, 3)
    return Attempt({key: None}, {"kind": "document", "documentId": document_id, "text": f"pointer {key.sort} is wrong"})


def delete_index_entry(past: Past) -> Attempt:
    """Delete an entry of an index, and make the head fit, so that an account cannot be found."""
    entry = next(key for key in past.cells if key.partition.startswith("index/") and key.sort != HEAD)
    head = Key(entry.partition, HEAD)
    fitting = Head.from_cell(Cell(1, past.cells[head])).changed(removed=[entry.sort])
    named = {"kind": "index", "field": "email", "text": f"lacks the entry of document {entry.sort}"}
    return Attempt({entry: None, head: fitting.to_cell()}, named)


def roll_back(past: Past) -> Attempt:
    """Put an older copy of the whole table in place."""
    older = past.stages[_OLDER]
    writes = {key: older.get(key) for key, data in past.cells.items() if older.get(key) != data}
    named = {"kind": "block", "strandId": past.settings.strands[0], "text": f"it fits up to digest {_OLDER} of"}
    return Attempt(writes, named)


_OLDER = 7

MANIPULATIONS = (
    Manipulation("change a balance", change_balance),
    Manipulation("change data and its hash", change_data_and_hash),
    Manipulation("change a block and re-chain everything after it", rechain, is_refused=True),
    Manipulation("delete a block", delete_block),
    Manipulation("delete the newest blocks", delete_newest_blocks, is_refused=True),
    Manipulation("delete a history pointer", delete_history_pointer),
    Manipulation("delete an index entry", delete_index_entry),
    Manipulation("roll the table back to an older copy", roll_back, is_refused=True),
)


def _block(address: BlockAddress, text: str) -> Named:
    return {"kind": "block", "strandId": address.strand_id, "sequenceNo": address.sequence_no, "text": text}


def _middle(past: Past) -> StoredBlock:
    """Return a block with one revision, about half-way along the second strand."""
    strand_id = past.settings.strands[1]
    size = sum(1 for key in past.cells if key.partition == f"block/{strand_id}")
    return _block_at(past, strand_id, size // 2)


def _block_at(past: Past, strand_id: str, sequence_no: int) -> StoredBlock:
    return read_block(past.cells[block_key(BlockAddress(strand_id, sequence_no))])


def _blocks_from(cells: Cells, address: BlockAddress) -> Iterator[StoredBlock]:
    while block_key(address) in cells:
        yield read_block(cells[block_key(address)])
        address = address._replace(sequence_no=address.sequence_no + 1)


def _richer(revision: Revision) -> bytes:
    document = ion.loads(revision.data or b"")
    return ion.dumps(
        ion.struct((name, 1_000_000 if name == "CurrentBalance" else value) for name, value in ion.fields(document))
    )


def _changed(revision: Revision) -> Revision:
    data = _richer(revision)
    return replace(revision, data=data, hash=revision_hash(revision.metadata, ion.digest(ion.loads(data))))
