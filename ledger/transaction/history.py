"""The revisions of a document, found in the journal by its history pointers."""

from collections.abc import Iterator
from datetime import datetime

from ledger.documents import Document, history_key, read_pointer
from ledger.journal.cell import read_block
from ledger.journal.revision import Revision
from ledger.store.base import Corrupt
from ledger.strand import block_key
from ledger.transaction.reads import Reads

_BATCH = 25


def active_revisions(
    reads: Reads, newest: Revision, start: datetime | None, end: datetime | None
) -> Iterator[Document]:
    """Give the revisions of a document that were current at some moment from `start` to `end`, oldest first.

    A revision is current from its `txTime` until that of the next; the newest one still is (QLDB guide, "history").
    """
    previous: Revision | None = None
    for revision in _revisions(reads, newest):
        if previous and _is_active(previous, revision, start, end):
            yield Document.of(previous)
        previous = revision
    if previous and _is_active(previous, None, start, end):
        yield Document.of(previous)


def _is_active(revision: Revision, successor: Revision | None, start: datetime | None, end: datetime | None) -> bool:
    began_in_time = end is None or revision.metadata.tx_time <= end
    return began_in_time and (start is None or successor is None or successor.metadata.tx_time > start)


def _revisions(reads: Reads, newest: Revision) -> Iterator[Revision]:
    older = range(newest.metadata.version)
    for first in range(0, len(older), _BATCH):
        yield from _from_journal(reads, newest.metadata.id, older[first : first + _BATCH])
    yield newest


def _from_journal(reads: Reads, document_id: str, versions: range) -> Iterator[Revision]:
    pointers = [history_key(document_id, version) for version in versions]
    found = reads.peek(pointers)
    blocks = [block_key(read_pointer(found[key].data)) for key in pointers if key in found]
    cells = reads.peek(dict.fromkeys(blocks))
    for version, key in zip(versions, pointers, strict=True):
        address = block_key(read_pointer(found[key].data)) if key in found else None
        if address is None or address not in cells:
            raise Corrupt(f"revision {version} of document {document_id} is missing from the journal")
        yield _revision_in(cells[address].data, document_id, version)


def _revision_in(cell_data: bytes, document_id: str, version: int) -> Revision:
    for revision in read_block(cell_data).block.revisions:
        if (revision.metadata.id, revision.metadata.version) == (document_id, version):
            return revision
    raise Corrupt(f"the block named for revision {version} of document {document_id} does not hold it")
