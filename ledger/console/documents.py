"""A document's revisions as a page shows them: the newest first, a page at a time, and the one of a moment."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ledger import ion
from ledger.control.history import revision_address
from ledger.control.revision import revision_of
from ledger.documents import history_key, read_pointer
from ledger.errors import InvalidParameterException
from ledger.journal.block import Block
from ledger.journal.revision import Revision
from ledger.ledger import Ledger
from ledger.store import Corrupt
from ledger.strand import blocks

MOST_REVISIONS = 200
_BATCH = 25
_PAGE_CHARACTERS = 2_000_000


def newest_revisions(ledger: Ledger, document_id: str, *, limit: int, before: int | None = None) -> dict[str, Any]:
    """Return `{documentId, tableName, newest, revisions}`, the revisions as Ion text.

    Args:
        before: the version that bounds the wanted ones, itself not wanted.

    Raises:
        InvalidParameterException: there is no such document.
        Corrupt: the journal lacks a revision.
    """
    newest, table_name = _newest(ledger, document_id)
    versions = range(newest + 1 if before is None else min(before, newest + 1))[-min(limit, MOST_REVISIONS) :]
    texts: list[str] = []
    for end in range(len(versions), 0, -_BATCH):
        batch = _read(ledger, document_id, versions[max(0, end - _BATCH) : end])
        texts += [ion.text(revision.to_ion()) for revision in reversed(batch)]
        if sum(map(len, texts)) > _PAGE_CHARACTERS:
            break
    return {"documentId": document_id, "tableName": table_name, "newest": newest, "revisions": texts}


def version_at(ledger: Ledger, document_id: str, instant: datetime) -> int:
    """Return the version of a document that was current at an instant.

    Raises:
        InvalidParameterException: there is no such document, or there was none yet.
    """
    newest, _ = _newest(ledger, document_id)

    def begun(version: int) -> datetime:
        return _read(ledger, document_id, [version])[0].metadata.tx_time

    version = bisect_right(range(newest + 1), instant, key=begun) - 1
    if version < 0:
        raise InvalidParameterException(f"the document begins later, at {begun(0):%Y-%m-%d %H:%M:%S} UTC", "at")
    return version


def _newest(ledger: Ledger, document_id: str) -> tuple[int, str]:
    address = revision_address(ledger, document_id)
    block = blocks(ledger.store, [address])[address].block
    return _of(block, document_id).metadata.version, block.documents[document_id].table_name


def _read(ledger: Ledger, document_id: str, versions: Sequence[int]) -> list[Revision]:
    keys = [history_key(document_id, version) for version in versions]
    pointers = ledger.store.get(keys)
    if missing := [key for key in keys if key not in pointers]:
        raise Corrupt(f"document {document_id[:40]} has no pointer to its version {missing[0].sort}")
    addresses = [read_pointer(pointers[key].data) for key in keys]
    found = blocks(ledger.store, addresses)
    return [_of(found[address].block, document_id) for address in addresses]


def _of(block: Block, document_id: str) -> Revision:
    revision = revision_of(block, document_id)
    if revision is None:
        raise Corrupt(f"a block named for document {document_id[:40]} does not hold it: run python -m ledger fsck")
    return revision
