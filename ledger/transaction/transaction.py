"""A transaction: what its statements read and changed, seen by them as if it were committed already."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime

from ledger import ion
from ledger.catalog import NO_SUCH_TABLE, Catalog, LoadCatalog, TableInfo
from ledger.documents import Document, document_key, read_current
from ledger.errors import BadRequestException, InvalidSessionException, LimitExceededException, OccConflictException
from ledger.ids import is_id, new_id
from ledger.journal.block import Redaction, Statement
from ledger.journal.cell import read_block
from ledger.journal.revision import BlockAddress
from ledger.limits import Limits
from ledger.redaction import redaction_of
from ledger.settings import Settings
from ledger.strand import block_key
from ledger.transaction.change import Change, Savepoint
from ledger.transaction.reads import Reads
from ledger.transaction.table import Table


class Transaction:
    """One transaction, from its first statement to its commit. Not for use by several threads.

    Attributes:
        catalog_read: the catalog as it was read last; `tables` is that and the transaction's own DDL.
        changed_tables: ids of the tables that it defined anew.
        redactions: the revisions whose data it asks to have erased.
    """

    def __init__(self, reads: Reads, settings: Settings, limits: Limits, load_catalog: LoadCatalog) -> None:
        self.transaction_id = new_id()
        self.settings = settings
        self.limits = limits
        self.reads = reads
        self._load_catalog = load_catalog
        self.catalog_read = load_catalog(fresh=False)
        self.tables = self.catalog_read.catalog
        self.changes: dict[str, Change] = {}
        self.statements: list[Statement] = []
        self.changed_tables: set[str] = set()
        self.redactions: tuple[Redaction, ...] = ()
        self._encoded_parameters: dict[int, bytes] = {}
        self._started = time.monotonic()

    @property
    def is_read_only(self) -> bool:
        """Tell whether there is nothing to write."""
        return not self.changes and not self.changed_tables and not self.redactions

    def start_statement(
        self, text: str, start_time: datetime, digest: bytes, encoded_parameters: dict[int, bytes]
    ) -> None:
        """Note the statement that is going to run.

        Args:
            digest: the hash of its text and parameters.
            encoded_parameters: the Ion bytes its parameters came in, by `id` of the value.
        """
        self.statements.append(Statement(text, start_time, digest))
        self._encoded_parameters = encoded_parameters

    @property
    def statement_time(self) -> datetime:
        """Return when the current statement started."""
        return self.statements[-1].start_time

    def check_time(self) -> None:
        """Raise InvalidSessionException once the transaction has taken longer than it may."""
        if time.monotonic() - self._started > self.limits.transaction_seconds:
            raise InvalidSessionException(f"Transaction {self.transaction_id} has expired")

    def table(self, name: str) -> Table | None:
        """Return the active table of this name."""
        info = self.tables.active(name)
        if info is None:
            self._refresh_catalog()
            info = self.tables.active(name)
        return None if info is None else Table(self, info)

    def table_by_id(self, table_id: str) -> Table | None:
        """Return the table of this id, active or not, for reading its history."""
        self._refresh_catalog()
        info = self.tables.by_id(table_id)
        return None if info is None else Table(self, info)

    def catalog(self) -> Iterator[ion.Value]:
        """Give the rows of `information_schema.user_tables`."""
        self._refresh_catalog()
        return self.tables.rows()

    def create_table(self, name: str, tags: Mapping[str, str]) -> str:
        """Create a table and return its id."""
        self._refresh_catalog()
        self.tables, table = self.tables.with_new_table(name, tags, self.limits)
        self.changed_tables.add(table.id)
        return table.id

    def drop_table(self, name: str) -> str:
        """Make a table inactive and return its id."""
        info = self._defined(name)
        return self._define(info.id, self.tables.with_dropped_table(info))

    def undrop_table(self, table_id: str) -> str:
        """Make an inactive table active again and return its id."""
        self._refresh_catalog()
        return self._define(table_id, self.tables.with_undropped_table(table_id, self.limits))

    def create_index(self, table_name: str, indexed_field: str) -> str:
        """Create an index and return its table's id. On a table with documents it is built after the commit."""
        info = self._defined(table_name)
        status = "BUILDING" if self._has_committed_documents(info) else "ONLINE"
        return self._define(info.id, self.tables.with_new_index(info, indexed_field, status, self.limits))

    def drop_index(self, table_name: str, index_id: str) -> str:
        """Drop an index and return its table's id."""
        info = self._defined(table_name)
        return self._define(info.id, self.tables.without_index(info, index_id))

    def _define(self, table_id: str, catalog: Catalog) -> str:
        self.tables = catalog
        self.changed_tables.add(table_id)
        return table_id

    def _defined(self, table_name: str) -> TableInfo:
        self._refresh_catalog()
        info = self.tables.active(table_name)
        if info is None:
            raise BadRequestException(f"No such table: USER.{table_name}", NO_SUCH_TABLE)
        return info

    def change(self, table: TableInfo, document_id: str, base: Document | None, data: ion.Value | None) -> None:
        """Note that a document becomes `data`, or is deleted if that is `None`."""
        earlier = self.changes.get(document_id)
        if earlier is not None:
            base = earlier.base
        if data is None and base is None:
            del self.changes[document_id]
            return
        current = len(self.statements) - 1
        statements = (*(index for index in (earlier.statements if earlier else ()) if index != current), current)
        encoded = None if data is None else self._encode(data)
        self.changes[document_id] = Change(table, document_id, base, encoded, data, statements)
        self._check_number_of_documents()

    def redact_revision(self, strand_id: str, sequence_no: int, table_id: str, document_id: str) -> ion.Value:
        """Ask to have the data of an older revision erased after the commit; return the row that says which."""
        if len(self.redactions) >= self.limits.redactions_per_transaction:
            raise LimitExceededException(
                f"Number of redactions in transaction exceeds the limit of {self.limits.redactions_per_transaction}"
            )
        place = block_key(BlockAddress(strand_id, sequence_no))
        cell = self.reads.peek([place]).get(place) if is_id(strand_id) else None
        if cell is None:
            raise BadRequestException(f"there is no block {sequence_no} in a strand {strand_id[:50]!r}")
        key = document_key(table_id, document_id, self.settings.shards)
        current = self.reads.get([key]).get(key) if is_id(document_id) else None
        newest = None if current is None else read_current(current.data)
        redaction = redaction_of(read_block(cell.data), table_id, document_id, newest)
        self.redactions = (*self.redactions, redaction)
        return redaction.to_ion()

    def savepoint(self) -> Savepoint:
        """Return what a statement may change, to come back to if it fails halfway."""
        return Savepoint(dict(self.changes), self.tables, set(self.changed_tables), self.redactions)

    def roll_back_to(self, savepoint: Savepoint) -> None:
        """Undo everything since `savepoint`. What was read meanwhile is relied on all the same."""
        self.changes, self.tables, self.changed_tables, self.redactions = savepoint

    def _encode(self, data: ion.Value) -> bytes:
        encoded = self._encoded_parameters.get(id(data)) or ion.dumps(data)
        if len(encoded) > self.limits.document_bytes:
            raise LimitExceededException(
                f"Document size of {len(encoded)} bytes exceeds the limit of {self.limits.document_bytes} bytes"
            )
        return encoded

    def _check_number_of_documents(self) -> None:
        if len(self.changes) > self.limits.documents_per_transaction:
            raise LimitExceededException(
                f"Number of documents in transaction exceeds the limit of {self.limits.documents_per_transaction}"
            )

    def _refresh_catalog(self) -> None:
        """Read the catalog anew, unless this transaction has changed it itself.

        What was read and written so far holds under the catalog of that time only: an index that was dropped since is
        kept up by nobody, so a lookup in it no longer tells of documents that joined.
        """
        if self.changed_tables:
            return
        newest = self._load_catalog(fresh=True)
        has_begun = bool(self.reads.relied or self.reads.scanned or self.changes)
        if has_begun and newest.catalog.version != self.tables.version:
            raise OccConflictException
        self.catalog_read = newest
        self.tables = newest.catalog

    def _has_committed_documents(self, table: TableInfo) -> bool:
        """Tell whether the table has documents, relying on it only if it has none.

        An index that is still to be built is right whoever joins the table meanwhile, so under steady writes it can
        be created; one that is online from the start needs a table that stays empty until the commit.
        """
        was_relied_on = table.id in self.reads.scanned
        cells = self.reads.documents(table.id, self.settings.shards)
        found = any(Document.current(cell) for _, cell in cells)
        if found and not was_relied_on:
            self.reads.scanned.discard(table.id)
        return found
