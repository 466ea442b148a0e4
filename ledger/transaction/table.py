"""A table as the statements of one transaction see it: committed documents under the transaction's own changes."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ledger import ion
from ledger.catalog import TableInfo
from ledger.documents import Document, document_key, read_current
from ledger.errors import OccConflictException
from ledger.ids import is_id, new_id
from ledger.indexes import document_partition, value_partition
from ledger.store.base import Key
from ledger.transaction.history import active_revisions

if TYPE_CHECKING:
    from ledger.transaction.change import Change
    from ledger.transaction.transaction import Transaction

MOST_RELIED_ON_ONE_BY_ONE = 40
_BATCH = 25


class Table:
    """A table as the statements of one transaction see it: committed documents under the transaction's own changes."""

    def __init__(self, transaction: "Transaction", info: TableInfo) -> None:
        self.id = info.id
        self.name = info.name
        self._info = info
        self._transaction = transaction
        self._reads = transaction.reads

    @property
    def indexed_fields(self) -> Collection[str]:
        """The fields that `lookup` takes."""
        return {index.field for index in self._info.indexes if index.status == "ONLINE"}

    def scan(self) -> Iterator[Document]:
        """Give every document of the table."""
        changes = dict(self._transaction.changes)
        for _, cell in self._reads.documents(self.id, self._transaction.settings.shards):
            document = Document.current(cell)
            if document is not None and document.document_id not in changes:
                yield document
        yield from self._own_documents(list(changes.values()))

    def find(self, document_id: str) -> Document | None:
        """Return the document of this id."""
        change = self._transaction.changes.get(document_id)
        if change is not None:
            return change.document if change.table.id == self.id else None
        if not is_id(document_id):
            return None
        return next(self._fetch([document_id], rely=True), None)

    def lookup(self, indexed_field: str, value: ion.Value) -> Iterator[Document]:
        """Give the documents whose `indexed_field` equals `value`."""
        index = self._info.online_index(indexed_field)
        if index is None:
            raise LookupError(f"table {self.name} has no index on {indexed_field!r} that is online")
        if ion.is_null(value):
            return
        partition = value_partition(index, value)
        document_ids = self._reads.entries(partition)
        rely = len(document_ids) <= MOST_RELIED_ON_ONE_BY_ONE
        if not rely:
            self._reads.rely_on_table(self.id)
            document_ids = self._reads.entries(partition)
        changes = dict(self._transaction.changes)
        yield from self._fetch([found for found in document_ids if found not in changes], rely=rely)
        for document in self._own_documents(list(changes.values())):
            if document_partition(index, document.data) == partition:
                yield document

    def insert(self, data: ion.Value) -> str:
        """Add a document and return its id."""
        document_id = new_id()
        key = self._key(document_id)
        self._reads.relied[key] = None
        self._transaction.change(self._info, document_id, None, data)
        return document_id

    def replace(self, document: Document, data: ion.Value) -> None:
        """Make `data` the next revision of a document."""
        self._change(document, data)

    def delete(self, document: Document) -> None:
        """End a document."""
        self._change(document, None)

    def history(
        self,
        document_id: str | None,
        start: datetime | None,
        end: datetime | None,
        versions: Sequence[int] | None = None,
    ) -> Iterator[Document]:
        """Give the revisions that were current at some moment from `start` to `end`, both inclusive.

        Args:
            document_id: the document whose revisions are wanted; `None` for all documents, deleted ones too.
            start, end: `None` for no bound.
            versions: the only versions that are wanted, ascending; of the others no cell is read.
        """
        if document_id is not None and not is_id(document_id):
            return
        if document_id is None:
            cells = self._reads.documents(self.id, self._transaction.settings.shards)
        else:
            cells = iter(self._reads.get([self._key(document_id)]).items())
        for _, cell in cells:
            yield from active_revisions(self._reads, read_current(cell.data), start, end, versions)

    def _own_documents(self, changes: Sequence["Change"]) -> Iterator[Document]:
        return (change.document for change in changes if change.document is not None and change.table.id == self.id)

    def _change(self, document: Document, data: ion.Value | None) -> None:
        if document.revision is not None:
            key = self._key(document.document_id)
            if self._reads.relied.setdefault(key, document.cell_version) != document.cell_version:
                raise OccConflictException
        self._transaction.change(self._info, document.document_id, document, data)

    def _fetch(self, document_ids: Sequence[str], *, rely: bool) -> Iterator[Document]:
        for start in range(0, len(document_ids), _BATCH):
            keys = [self._key(document_id) for document_id in document_ids[start : start + _BATCH]]
            for cell in (self._reads.get(keys) if rely else self._reads.peek(keys)).values():
                document = Document.current(cell)
                if document is not None:
                    yield document

    def _key(self, document_id: str) -> Key:
        return document_key(self.id, document_id, self._transaction.settings.shards)
