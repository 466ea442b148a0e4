"""What an auditor knows from run to run: what the journal says, what is still to be compared, how far it got."""

from typing import ClassVar

from ledger.audit.expected import FIRST, Expected
from ledger.audit.finding import Item, Kind
from ledger.journal.block import Redaction
from ledger.journal.revision import Metadata
from ledger.redaction import PENDING, pending_key
from ledger.verification.statement import Statement

_INDEX_ID_END = len("index/") + 22
_MOST_ENDS = 100
_SCHEMA = """
CREATE TABLE IF NOT EXISTS changed (
    kind TEXT, partition TEXT, name TEXT, version INTEGER, PRIMARY KEY (kind, partition, name)) WITHOUT ROWID;
"""


class AuditState(Expected):
    """What the journal says, and what its newest blocks changed.

    Attributes:
        notes_changes: whether to note the latter; not before all is compared for the first time anyway.
    """

    schema: ClassVar[str] = Expected.schema + _SCHEMA
    notes_changes = False

    def add_document(self, partition: str, metadata: Metadata, digest: bytes) -> bool:
        """Note a document's newest revision, and that it is to be compared: its indexed values until then as well."""
        if self.notes_changes:
            self._add_changed(Item(Kind.DOCUMENT, partition, metadata.id), metadata.version)
            for value in self._values_before(metadata):
                self._add_changed(Item(Kind.VALUE, value))
        return super().add_document(partition, metadata, digest)

    def add_value(self, partition: str, metadata: Metadata) -> None:
        """Note that a revision has an indexed value, and that the value is to be compared."""
        if self.notes_changes:
            self._add_changed(Item(Kind.VALUE, partition))
        super().add_value(partition, metadata)

    def add_redaction(self, redaction: Redaction) -> None:
        """Note that a block asks for a redaction, and that it is to be looked for."""
        if self.notes_changes:
            self._add_changed(Item(Kind.REDACTION, PENDING, pending_key(redaction).sort))
        super().add_redaction(redaction)

    def changed(self, most: int) -> list[tuple[Item, int]]:
        """Return some of what is to be compared; documents with the first version that is new."""
        rows = self._database.execute("SELECT kind, partition, name, version FROM changed LIMIT ?", (most,))
        return [(Item(Kind(kind), partition, name), version) for kind, partition, name, version in rows]

    def forget_changed(self, item: Item) -> None:
        """Note that an item was compared."""
        self._write("DELETE FROM changed WHERE kind = ? AND partition = ? AND name = ?", *item)

    def last_digest(self, reading: str = FIRST) -> Statement | None:
        """Return the last notarised digest that was found sound; in the second reading, since that began."""
        text = self.load(f"digest/{reading}", None)
        return None if text is None else Statement.read(text)

    def keep_digest(self, statement: Statement | None, reading: str = FIRST) -> None:
        """Note the last notarised digest that was found sound."""
        self.store(f"digest/{reading}", statement and statement.text)

    def ends(self, reading: str = FIRST) -> list[Statement]:
        """Return the digests before gaps, which the journal is still to be held against."""
        return [Statement.read(text) for text in self.load(f"ends/{reading}", [])]

    def keep_end(self, statement: Statement, reading: str = FIRST) -> None:
        """Note that the digest behind this one does not prove that it continues it."""
        ends = [*self.load(f"ends/{reading}", []), statement.text]
        self.store(f"ends/{reading}", ends[:_MOST_ENDS])

    def forget_ends(self, reading: str = FIRST) -> None:
        """Note that the journal was held against them."""
        self.store(f"ends/{reading}", [])

    def _values_before(self, metadata: Metadata) -> list[str]:
        """Return the value of each index that a document had last before a revision."""
        query = (
            "SELECT partition, max(version) FROM value WHERE document = ? AND version < ?"
            " GROUP BY substr(partition, 1, ?)"
        )
        row = metadata.id, metadata.version, _INDEX_ID_END
        return [partition for partition, _ in self._database.execute(query, row)]

    def _add_changed(self, item: Item, version: int = 0) -> None:
        self._write(
            "INSERT INTO changed VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET version = min(version, excluded.version)",
            *(*item, version),
        )
