"""Manipulations of the journal: its blocks, one by one, all after one, the newest, a strand, or the whole table."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from drill.ground import Writes
from drill.manipulation import Attempt, Manipulation
from drill.scene import Scene, chained, rehashed, richer
from ledger import ion
from ledger.ids import new_id
from ledger.journal.block import DocumentEntry
from ledger.journal.cell import StoredBlock, write_stored
from ledger.journal.revision import BlockAddress, Revision
from ledger.redaction import PENDING
from ledger.store import Key
from ledger.strand import block_key

_FORGED = 3


def change_data(scene: Scene) -> Attempt:
    """Change a balance in the journal."""
    stored = scene.middle()
    named = _block(stored, f"{_name(stored.block.revisions[0])} does not have its hash")
    return Attempt(named, _with_revisions(stored, [richer(stored.block.revisions[0])]))


def change_data_and_hash(scene: Scene) -> Attempt:
    """Change a balance in the journal, with the hash of its revision."""
    stored = scene.middle()
    named = _block(stored, "its content does not have its hash")
    return Attempt(named, _with_revisions(stored, [rehashed(richer(stored.block.revisions[0]))]))


def change_block_with_all_its_hashes(scene: Scene) -> Attempt:
    """Change a balance in the journal and all hashes in its block, but not in the one after it."""
    stored = scene.middle()
    changed = chained(_richer(stored).block, _before(scene, stored))
    behind = replace(stored.block, address=_shifted(stored.block.address, 1))
    return Attempt(
        _block(stored._replace(block=behind), "does not chain to the block before it"),
        {block_key(stored.block.address): write_stored(changed)},
    )


def rechain(scene: Scene) -> Attempt:
    """Change a balance in the journal, and write every hash after it anew: a perfect other journal."""
    first = scene.middle()
    writes = dict[Key, bytes | None]()
    link = _before(scene, first)
    for stored in scene.blocks_from(first.block.address):
        link = chained((_richer(stored) if stored == first else stored).block, link)
        writes[block_key(stored.block.address)] = write_stored(link)
    return Attempt(_block(first, f"{_name(first.block.revisions[0])} is not the one that was read there"), writes)


def change_time(scene: Scene) -> Attempt:
    """Let a block say that it was made an hour earlier."""
    stored = scene.middle()
    earlier = replace(stored.block, timestamp=stored.block.timestamp - timedelta(hours=1))
    named = _block(stored, "its content does not have its hash")
    return Attempt(named, {block_key(stored.block.address): write_stored(stored._replace(block=earlier))})


def change_nodes(scene: Scene) -> Attempt:
    """Change the nodes of the Merkle tree beside a block."""
    stored = scene.middle()
    peaks = (bytes(32), *stored.growth.peaks[1:])
    changed = stored._replace(growth=stored.growth._replace(peaks=peaks))
    named = _block(stored, "its nodes of the Merkle tree are wrong")
    return Attempt(named, {block_key(stored.block.address): write_stored(changed)})


def erase_data(scene: Scene) -> Attempt:
    """Erase the data of an old revision as a redaction does, which leaves all hashes right."""
    stored = scene.middle()
    revision = stored.block.revisions[0]
    erased = replace(revision, data=None, data_hash=ion.digest(ion.loads(revision.data or b"")))
    text = f"its revision {revision.metadata.version} is redacted, but no block asks for that"
    named = {"kind": "document", "documentId": revision.metadata.id, "text": text}
    return Attempt(named, _with_revisions(stored, [erased]))


def ask_for_redaction(scene: Scene) -> Attempt:
    """Note that a revision is to be redacted: the ledger itself would erase it."""
    revision = scene.middle().block.revisions[0]
    named = {"kind": "redaction", "documentId": revision.metadata.id, "text": "is noted to be redacted, but no block"}
    return Attempt(named, {Key(PENDING, f"{revision.metadata.id}/{revision.metadata.version}"): b"anything"})


def delete_block(scene: Scene) -> Attempt:
    """Delete a block in the middle of a strand."""
    stored = scene.middle()
    return Attempt(_block(stored, "is missing"), {block_key(stored.block.address): None})


def delete_newest_blocks(scene: Scene) -> Attempt:
    """Delete the last three blocks of a strand."""
    strand_id = scene.strands[0]
    size = scene.length(strand_id)
    places = [block_key(BlockAddress(strand_id, number)) for number in range(size - 3, size)]
    named = {"kind": "block", "strandId": strand_id, "text": f"ends with block {size - 4}, but"}
    return Attempt(named, dict.fromkeys(places))


def swap_blocks(scene: Scene) -> Attempt:
    """Put each of two strands' blocks of one number in the place of the other."""
    stored, other = scene.middle(), scene.strands[1]
    there = stored.block.address._replace(strand_id=other)
    if block_key(there) not in scene.cells:
        there = BlockAddress(other, scene.length(other) - 1)
    writes = {
        block_key(stored.block.address): scene.cells[block_key(there)],
        block_key(there): scene.cells[block_key(stored.block.address)],
    }
    return Attempt(_block(stored, f"says that it is block {there.sequence_no} of strand {other}"), writes)


def forge_blocks(scene: Scene) -> Attempt:
    """Append three blocks with right hashes that put money into an account, and nothing else."""
    key = scene.accounts()[0]
    revision, last = scene.current(key), _last(scene, scene.strands[0])
    writes = dict[Key, bytes | None]()
    for number in range(1, _FORGED + 1):
        last = _forged(last, revision, number)
        writes[block_key(last.block.address)] = write_stored(last)
    named = {"kind": "document", "documentId": key.sort, "text": "its current revision is not the newest"}
    return Attempt(named, writes)


def put_junk_behind_the_tip(scene: Scene) -> Attempt:
    """Put a cell that is no block behind the newest one of a strand, so that no transaction finds its place."""
    strand_id = scene.strands[0]
    named = {"kind": "block", "strandId": strand_id, "text": "has a cell '~' that is no block"}
    return Attempt(named, {Key(f"block/{strand_id}", "~"): b"anything"})


def roll_strand_back(scene: Scene) -> Attempt:
    """Put an older copy of one strand in place."""
    strand_id = scene.strands[0]
    return Attempt(_older(scene, strand_id), _back(scene, f"block/{strand_id}"))


def roll_table_back(scene: Scene) -> Attempt:
    """Put an older copy of the whole table in place."""
    return Attempt(_older(scene, scene.strands[0]), _back(scene, ""))


def _older(scene: Scene, strand_id: str) -> dict[str, str]:
    size = sum(1 for key in scene.earlier if key.partition == f"block/{strand_id}")
    return {"kind": "block", "strandId": strand_id, "text": f"ends with block {size - 1}, but digest"}


def _back(scene: Scene, prefix: str) -> Writes:
    changed = {key: scene.earlier.get(key) for key, data in scene.cells.items() if scene.earlier.get(key) != data}
    return {key: data for key, data in changed.items() if key.partition.startswith(prefix)}


def _richer(stored: StoredBlock) -> StoredBlock:
    first, *others = stored.block.revisions
    return stored._replace(block=replace(stored.block, revisions=[rehashed(richer(first)), *others]))


def _with_revisions(stored: StoredBlock, firsts: Sequence[Revision]) -> Writes:
    revisions = [*firsts, *stored.block.revisions[len(firsts) :]]
    changed = stored._replace(block=replace(stored.block, revisions=revisions))
    return {block_key(stored.block.address): write_stored(changed)}


def _before(scene: Scene, stored: StoredBlock) -> StoredBlock:
    return scene.block(_shifted(stored.block.address, -1))


def _last(scene: Scene, strand_id: str) -> StoredBlock:
    return scene.block(BlockAddress(strand_id, scene.length(strand_id) - 1))


def _shifted(address: BlockAddress, by: int) -> BlockAddress:
    return address._replace(sequence_no=address.sequence_no + by)


def _forged(last: StoredBlock, newest: Revision, number: int) -> StoredBlock:
    transaction_id, address = new_id(), _shifted(last.block.address, 1)
    metadata = replace(newest.metadata, version=newest.metadata.version + number, tx_id=transaction_id)
    entry = DocumentEntry("wallettable", newest.table_id or "", (0,))
    block = replace(
        last.block,
        address=address,
        transaction_id=transaction_id,
        documents={metadata.id: entry},
        revisions=[rehashed(richer(replace(newest, address=address, metadata=metadata)))],
        redactions=[],
    )
    return chained(block, last)


def _name(revision: Revision) -> str:
    return f"revision {revision.metadata.version} of document {revision.metadata.id}"


def _block(stored: StoredBlock, text: str) -> dict[str, object]:
    strand_id, sequence_no = stored.block.address
    return {"kind": "block", "strandId": strand_id, "sequenceNo": sequence_no, "text": text}


JOURNAL = (
    Manipulation("change data in the journal", change_data),
    Manipulation("change data and its hash", change_data_and_hash),
    Manipulation("change a block and all of its hashes", change_block_with_all_its_hashes),
    Manipulation("change a block and re-chain everything after it", rechain, is_refused=True),
    Manipulation("change the time of a block", change_time),
    Manipulation("change nodes of the Merkle tree", change_nodes),
    Manipulation("erase data without asking for a redaction", erase_data),
    Manipulation("ask for a redaction behind the ledger's back", ask_for_redaction),
    Manipulation("delete a block", delete_block),
    Manipulation("delete the newest blocks", delete_newest_blocks, is_refused=True),
    Manipulation("swap two blocks between strands", swap_blocks),
    Manipulation("put junk behind the newest block", put_junk_behind_the_tip),
    Manipulation("roll one strand back to an older copy", roll_strand_back, is_refused=True),
    Manipulation("roll the table back to an older copy", roll_table_back, is_refused=True),
    Manipulation("forge new blocks", forge_blocks, is_taken_in=True),
)
