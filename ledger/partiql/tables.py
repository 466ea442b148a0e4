"""What executing a statement needs of the layers below: the transaction implements these protocols."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ledger.ion import Value


class Revision(Protocol):
    """One version of a document."""

    @property
    def document_id(self) -> str:
        """The document's metadata.id."""

    @property
    def version(self) -> int:
        """The revision's metadata.version, from 0."""

    @property
    def data(self) -> Value:
        """The document's Ion struct; None in the revision that deletes it. MUST be treated as immutable."""

    def committed(self) -> Value:
        """Return the revision as the committed view shows it: {blockAddress, hash, data, metadata}.

        Of a write of this very transaction there is no blockAddress and no hash yet.
        """


class Document(Revision, Protocol):
    """The current revision of a document, as this transaction sees it."""


class Table(Protocol):
    """An active table, as this transaction sees it, its own writes included."""

    @property
    def id(self) -> str:
        """The table's id."""

    @property
    def name(self) -> str:
        """The table's name."""

    @property
    def indexed_fields(self) -> Collection[str]:
        """The top-level fields with an index that may be used."""

    def scan(self) -> Iterator[Document]:
        """All current documents. The caller MUST NOT write to the table before it is done with the iterator."""

    def find(self, document_id: str) -> Document | None:
        """Return the current document with this id."""

    def lookup(self, field: str, value: Value) -> Iterator[Document]:
        """Return the current documents whose indexed `field` equals `value`, which is neither null nor MISSING."""

    def insert(self, data: Value) -> str:
        """Add a document and return its id."""

    def replace(self, document: Any, data: Value) -> None:
        """Give a document, as found by this table, new data."""

    def delete(self, document: Any) -> None:
        """Delete a document, as found by this table."""

    def history(
        self,
        document_id: str | None,
        start: datetime | None,
        end: datetime | None,
        versions: Sequence[int] | None = None,
    ) -> Iterator[Revision]:
        """Give all revisions active from start to end, both inclusive and with offsets.

        Args:
            document_id: the only document that is wanted.
            versions: the only versions that are wanted, ascending; there may be none of some of them. They may be far
                more than there are, so they MUST NOT be walked through one by one.
        """


class Tables(Protocol):
    """The tables of a ledger, as one transaction sees them."""

    @property
    def transaction_id(self) -> str:
        """The id of the transaction."""

    @property
    def statement_time(self) -> datetime:
        """When the statement that runs began, with an offset."""

    def check_time(self) -> None:
        """Raise an error of the layer below if the transaction has taken too long."""

    def table(self, name: str) -> Table | None:
        """Return the active table of exactly this name."""

    def table_by_id(self, table_id: str) -> Table | None:
        """Return the table of this id, active or not, for its history."""

    def catalog(self) -> Iterator[Value]:
        """Return the rows of information_schema.user_tables."""

    def create_table(self, name: str, tags: Mapping[str, str]) -> str:
        """Create a table and return its id."""

    def drop_table(self, name: str) -> str:
        """Make the active table of this name, which is there, inactive, and return its id."""

    def undrop_table(self, table_id: str) -> str:
        """Make an inactive table active again, and return its id."""

    def redact_revision(self, strand_id: str, sequence_no: int, table_id: str, document_id: str) -> Value:
        """Ask to have a revision's data erased; return the row {blockAddress, tableId, documentId, version}."""

    def create_index(self, table_name: str, field: str) -> str:
        """Create an index on a top-level field and return the table's id."""

    def drop_index(self, table_name: str, index_id: str) -> str:
        """Drop an index of an active table, which is there, and return the table's id."""
