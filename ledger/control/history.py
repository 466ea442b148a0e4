"""Where a document's revisions are: its history pointers, and the blocks that they lead to."""

from collections.abc import Iterator
from itertools import islice

from ledger.control.revision import revision_of
from ledger.documents import history_key, read_pointer
from ledger.errors import InvalidParameterException
from ledger.journal.block import Block
from ledger.journal.revision import BlockAddress, Revision
from ledger.ledger import Ledger
from ledger.store.base import Corrupt
from ledger.strand import blocks

_BATCH = 25


def revision_address(ledger: Ledger, document_id: str, version: int | None = None) -> BlockAddress:
    """Return the address of the block with one version of a document, or with its newest.

    Raises:
        InvalidParameterException: there is no such document, or it has no such version.
    """
    if version is None:
        newest = ledger.store.scan(history_key(document_id, 0).partition, reverse=True, limit=1)
        cells = [cell for _, cell in newest]
    else:
        cells = list(ledger.store.get([history_key(document_id, version)]).values())
    if not cells:
        which = "" if version is None else f"version {version} of "
        raise InvalidParameterException(
            f"there is no {which}document {document_id[:40]!r} in this ledger", "DocumentId"
        )
    return read_pointer(cells[0].data)


def revisions(ledger: Ledger, document_id: str) -> Iterator[Revision]:
    """Give all revisions of a document, oldest first.

    Raises:
        InvalidParameterException: there is no such document.
        Corrupt: a block is missing, or does not hold the revision that a pointer says it does.
    """
    revision_address(ledger, document_id)
    pointers = (read_pointer(cell.data) for _, cell in ledger.store.scan(history_key(document_id, 0).partition))
    while batch := list(islice(pointers, _BATCH)):
        found = blocks(ledger.store, batch)
        yield from (_revision_in(found[address].block, document_id) for address in batch)


def _revision_in(block: Block, document_id: str) -> Revision:
    revision = revision_of(block, document_id)
    if revision is None:
        where = f"block {block.address.sequence_no} of strand {block.address.strand_id}"
        raise Corrupt(f"{where} is named as one with a revision of document {document_id[:40]}, and holds none")
    return revision
