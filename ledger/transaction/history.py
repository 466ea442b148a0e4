"""The revisions of a document, found in the journal by its history pointers."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from ledger.documents import Document, history_key, read_pointer
from ledger.journal.cell import read_block
from ledger.journal.revision import Revision
from ledger.store.base import Corrupt
from ledger.strand import block_key
from ledger.transaction.reads import Reads

_BATCH = 25


def active_revisions(
    reads: Reads,
    newest: Revision,
    start: datetime | None,
    end: datetime | None,
    versions: Sequence[int] | None = None,
) -> Iterator[Document]:
    """Give the revisions of a document that were current at some moment from `start` to `end`, oldest first.

    A revision is current from its `txTime` until that of the next; the newest one still is (QLDB guide, "history").

    Args:
        versions: the only versions that are wanted, ascending.
    """
    last = newest.metadata.version
    wanted = _existing(versions, last)
    previous: Revision | None = None
    for revision in chain(_revisions(reads, newest, wanted if start is None else _with_next(wanted, last)), (None,)):
        if previous and previous.metadata.version in wanted and _is_active(previous, revision, start, end):
            yield Document.of(previous)
        previous = revision


def _existing(versions: Sequence[int] | None, newest: int) -> Sequence[int]:
    if versions is None:
        return range(newest + 1)
    if isinstance(versions, range):
        return range(max(versions.start, 0), min(versions.stop, newest + 1))
    return [version for version in versions if 0 <= version <= newest]


def _with_next(wanted: Sequence[int], last: int) -> Sequence[int]:
    """Return the versions and for each the one behind it, which ended it."""
    if isinstance(wanted, range):
        return range(wanted.start, min(wanted.stop + 1, last + 1))
    return sorted({*wanted, *(version + 1 for version in wanted if version < last)})


def _is_active(revision: Revision, successor: Revision | None, start: datetime | None, end: datetime | None) -> bool:
    began_in_time = end is None or revision.metadata.tx_time <= end
    return began_in_time and (start is None or successor is None or successor.metadata.tx_time > start)


def _revisions(reads: Reads, newest: Revision, wanted: Sequence[int]) -> Iterator[Revision]:
    last = newest.metadata.version
    for first in range(0, len(wanted), _BATCH):
        batch = wanted[first : first + _BATCH]
        yield from _from_journal(reads, newest.metadata.id, [version for version in batch if version < last])
        if batch[-1] == last:
            yield newest


def _from_journal(reads: Reads, document_id: str, versions: Sequence[int]) -> Iterator[Revision]:
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
