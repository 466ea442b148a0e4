"""Redaction: erasing the data of a revision that is not current any more (QLDB guide, "Redacting document revisions").

The block that asks for it is committed first, with a pending cell. Then the data is taken out of its own block's cell
and its hash put in its place, so that every hash, digest and proof stays what it was. Whoever dies in between leaves
the pending cell, and the next one goes on.
"""

from collections.abc import Iterator
from dataclasses import replace

from ledger import ion
from ledger.errors import BadRequestException
from ledger.journal.block import Redaction
from ledger.journal.cell import StoredBlock, read_block, write_stored
from ledger.journal.revision import BlockAddress, Revision
from ledger.record import pack, unpack
from ledger.store.base import Cell, Conflict, Corrupt, Key, Store
from ledger.strand import block_key

PENDING = "redaction"


def pending_key(redaction: Redaction) -> Key:
    """Return where a redaction is noted until it is carried out."""
    return Key(PENDING, f"{redaction.document_id}/{redaction.version}")


def write_pending(redaction: Redaction) -> bytes:
    """Return the bytes of a pending cell."""
    return pack(redaction)


def pending(store: Store) -> Iterator[Redaction]:
    """Give the redactions that were committed and are still to be carried out."""
    for _, cell in store.scan(PENDING):
        (place, *rest), _ = unpack(cell.data)
        yield Redaction(BlockAddress(*place), *rest)


def carry_out(store: Store, redaction: Redaction) -> None:
    """Erase the data, then the note that it is to be erased; doing it twice does no harm."""
    while True:
        cells = store.get((block_key(redaction.address), pending_key(redaction)))
        note, block = cells.get(pending_key(redaction)), cells.get(block_key(redaction.address))
        if note is None:
            return
        if block is None:
            raise Corrupt(f"the block of a revision to be redacted is missing: {redaction.address}")
        try:
            _erase(store, redaction, block, note)
        except Conflict:
            continue
        store.scrub()
        return


def _erase(store: Store, redaction: Redaction, block: Cell, note: Cell) -> None:
    stored = read_block(block.data)
    place, noted = block_key(redaction.address), pending_key(redaction)
    revisions = [_redacted(each) if _is_meant(each, redaction) else each for each in stored.block.revisions]
    erased = StoredBlock(replace(stored.block, revisions=revisions), stored.hash, stored.growth)
    store.commit({place: write_stored(erased), noted: None}, {place: block.version, noted: note.version})


def _is_meant(revision: Revision, redaction: Redaction) -> bool:
    return (revision.metadata.id, revision.metadata.version) == (redaction.document_id, redaction.version)


def _redacted(revision: Revision) -> Revision:
    if revision.data is None:
        return revision
    return replace(revision, data=None, data_hash=ion.digest(ion.loads(revision.data)))


def redaction_of(stored: StoredBlock, table_id: str, document_id: str, newest: Revision | None) -> Redaction:
    """Return the redaction of the one revision of a document in a block.

    Args:
        newest: the document's newest revision.

    Raises:
        BadRequestException: the block does not hold a revision of that document, or one that may not be redacted.
    """
    address = stored.block.address
    revision = next((each for each in stored.block.revisions if each.metadata.id == document_id), None)
    if revision is None or revision.table_id != table_id or newest is None:
        raise BadRequestException(
            f"block {address.sequence_no} of strand {address.strand_id} holds no revision of document {document_id}"
            f" in table {table_id}"
        )
    version = revision.metadata.version
    described = f"revision {version} of document {document_id}"
    if version == newest.metadata.version:
        raise BadRequestException(f"{described} is its newest one: only older ones can be redacted")
    if revision.data is None:
        raise BadRequestException(f"{described} has no data that could be redacted")
    return Redaction(address, table_id, document_id, version)
