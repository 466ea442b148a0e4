"""What a transaction does to documents, and a moment of it to come back to."""

from dataclasses import dataclass
from typing import NamedTuple

from ledger import ion
from ledger.catalog import Catalog, TableInfo
from ledger.documents import Document
from ledger.journal.block import Redaction


@dataclass(frozen=True, slots=True)
class Change:
    """What the transaction does to one document: insert (no base), replace, or delete (no data).

    Attributes:
        base: the committed revision that is replaced.
        encoded, data: the new document, as Ion binary and in memory; both `None` if it is deleted.
        statements: the indexes of the statements that changed it.
    """

    table: TableInfo
    document_id: str
    base: Document | None
    encoded: bytes | None
    data: ion.Value | None
    statements: tuple[int, ...]

    @property
    def version(self) -> int:
        """Return the version of the revision that this change makes."""
        return 0 if self.base is None else self.base.version + 1

    @property
    def document(self) -> Document | None:
        """Return the new document as the transaction's own statements see it; `None` once deleted."""
        return None if self.encoded is None else Document(self.document_id, self.version, self.encoded, data=self.data)


class Savepoint(NamedTuple):
    """The changes of a transaction at one moment."""

    changes: dict[str, Change]
    tables: Catalog
    changed_tables: set[str]
    redactions: tuple[Redaction, ...]
