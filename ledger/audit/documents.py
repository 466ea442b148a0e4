"""How current revisions and history pointers differ from the journal."""

import hashlib
from collections.abc import Iterator
from functools import partial

from ledger.audit.blocks import block_place
from ledger.audit.expected import Expected, ExpectedDocument
from ledger.audit.finding import Difference, Finding, Item, Kind
from ledger.audit.journal import revision_at
from ledger.audit.merge import merged
from ledger.documents import history_key, write_current, write_pointer
from ledger.store.base import Cell, Corrupt, Key, Store


class DocumentCheck:
    """Compares current revisions and history pointers with the journal."""

    def __init__(self, store: Store, expected: Expected) -> None:
        self._store = store
        self._expected = expected

    def partition(self, partition: str, after: str = "") -> Iterator[tuple[Item, Iterator[Difference]]]:
        """Compare a whole partition of documents, from the first behind `after`; give each with its differences.

        A partition that agrees proves: the cells of its documents are, byte for byte, the newest revisions that the
        journal has of them, there are no others, and each revision is found by its pointer.
        """
        documents = ((document.document_id, document) for document in self._expected.documents(partition, after))
        cells = ((key.sort, cell) for key, cell in self._store.scan(partition, start=after) if key.sort > after)
        for document_id, document, cell in merged(documents, cells):
            item = Item(Kind.DOCUMENT, partition, document_id)
            yield item, self._compare(item, document, cell)

    def differences(self, item: Item, cell: Cell | None, first: int) -> Iterator[Difference]:
        """Compare one document.

        Args:
            cell: of its current revision.
            first: the version from which on its history pointers are compared.
        """
        is_here = self._expected.partition_of(item.name) == item.partition
        return self._compare(item, self._expected.document(item.name) if is_here else None, cell, first)

    def _compare(
        self, item: Item, document: ExpectedDocument | None, cell: Cell | None, first: int = 0
    ) -> Iterator[Difference]:
        where, key = f"document {item.name}", Key(item.partition, item.name)
        if document is None:
            if cell is not None:
                finding = Finding(where, f"has a current revision in {item.partition}, but not in the journal")
                yield Difference(item, finding, key, cell, lambda: None)
            return
        if cell is None or hashlib.sha256(cell.data).digest() != document.digest:
            finding = Finding(where, "its current revision is not the newest of the journal")
            yield Difference(item, finding, key, cell, partial(self._current, document))
        yield from self._pointers(item, first)

    def _current(self, document: ExpectedDocument) -> bytes:
        address = self._expected.address(document.document_id, document.newest)
        current = write_current(revision_at(self._store, address, document.document_id, document.newest))
        if hashlib.sha256(current).digest() != document.digest:
            raise Corrupt(f"{block_place(*address)} is not what it was when it was checked: check the ledger anew")
        return current

    def _pointers(self, item: Item, first: int) -> Iterator[Difference]:
        pointers = (
            (history_key(item.name, version).sort, write_pointer(address))
            for version, address, _ in self._expected.revisions(item.name, first)
        )
        partition, start = history_key(item.name, first)
        cells = ((key.sort, cell) for key, cell in self._store.scan(partition, start=start))
        for sort, pointer, cell in merged(pointers, cells):
            if (cell.data if cell else None) != pointer:
                finding = Finding(f"document {item.name}", f"its history pointer {sort} is wrong")
                yield Difference(item, finding, Key(partition, sort), cell, partial(_same, pointer))


def _same(pointer: bytes | None) -> bytes | None:
    return pointer


def history_findings(expected: Expected, document_id: str, first: int = 0) -> Iterator[Finding]:
    """Give what is wrong with a document's revisions in the journal itself, from a version on."""
    where, before = f"document {document_id}", ""
    for version in expected.redacted_unasked(document_id):
        yield Finding(where, f"its revision {version} is redacted, but no block asks for that")
    for version in expected.discontinued(document_id, first):
        yield Finding(where, f"its revision {version} goes on from something else than its revision {version - 1} left")
    for count, (version, _, time) in enumerate(expected.revisions(document_id, first), first):
        if version != count:
            yield Finding(where, f"its revision {count} is not in the journal")
            return
        if time < before:
            yield Finding(where, f"its revision {version} is older than the one before it")
        before = time
