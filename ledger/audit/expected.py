"""What the store must hold according to the journal, as far as it was read."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from ledger import clock
from ledger.audit.checkpoint import Checkpoint
from ledger.audit.finding import Item, Kind
from ledger.documents import document_key
from ledger.journal.block import Redaction
from ledger.journal.revision import BlockAddress, Metadata, Revision
from ledger.redaction import pending_key

_SCHEMA = """
CREATE TABLE IF NOT EXISTS strand (
    reading TEXT, id TEXT, next INTEGER NOT NULL, link TEXT NOT NULL, PRIMARY KEY (reading, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definition (
    table_id TEXT, version INTEGER, catalog_version INTEGER, position INTEGER, data BLOB, round INTEGER,
    PRIMARY KEY (table_id, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS revision (
    document TEXT, version INTEGER, strand TEXT, sequence_no INTEGER, time TEXT, redacted INTEGER, hash BLOB,
    left BLOB, taken BLOB, PRIMARY KEY (document, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS redaction (
    name TEXT PRIMARY KEY, document TEXT, version INTEGER, header TEXT, round INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS document (
    id TEXT PRIMARY KEY, partition TEXT, newest INTEGER, digest BLOB, round INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS place ON document (partition, id);
CREATE TABLE IF NOT EXISTS value (
    partition TEXT, document TEXT, version INTEGER, PRIMARY KEY (partition, document)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS value_of ON value (document);
"""

_HASH_PART = 8

FIRST = "first"
"""The reading of the journal that notes what it says."""
AGAIN = "again"
"""The reading that only checks once more what was read."""


class ExpectedDocument(NamedTuple):
    """A document according to the journal: its newest version, and the SHA-256 of its current revision's cell."""

    document_id: str
    newest: int
    digest: bytes


class Expected(Checkpoint):
    """What the journal says. Whatever a block changes is marked with the current round."""

    schema: ClassVar[str] = _SCHEMA

    # The journal, as it is read

    def position(self, strand_id: str, reading: str = FIRST) -> tuple[int, Any]:
        """Return the next block to read of a strand, and what `advance` noted of the one before."""
        row = self._row("SELECT next, link FROM strand WHERE reading = ? AND id = ?", reading, strand_id)
        return (0, None) if row is None else (row[0], json.loads(row[1]))

    def advance(self, strand_id: str, next_sequence_no: int, link: Any, reading: str = FIRST) -> None:
        """Note that all before `next_sequence_no` was read."""
        row = (reading, strand_id, next_sequence_no, json.dumps(link))
        self._write("INSERT OR REPLACE INTO strand VALUES (?, ?, ?, ?)", *row)

    def begin_again(self) -> None:
        """Set the second reading back to the beginning."""
        self._write("DELETE FROM strand WHERE reading = ?", AGAIN)
        self.store("read again", 0)

    def count_again(self) -> None:
        """Note that one more revision was read in the second reading."""
        self.store("read again", self.load("read again", 0) + 1)

    def counts(self) -> tuple[int, int]:
        """Return how many revisions were read in the second reading, and how many are noted."""
        return self.load("read again", 0), self._count("SELECT count(*) FROM revision")

    def forget_journal(self) -> None:
        """Forget everything that the journal said; findings stay."""
        for table in ("strand", "definition", "revision", "redaction", "document", "value"):
            self._write(f"DELETE FROM {table}")  # noqa: S608 - a constant
        for name, value in (("indexes", None), ("adding", None), ("values added", {})):
            self.store(name, value)

    def blocks(self) -> int:
        """Return how many blocks were read."""
        return self._count("SELECT total(next) FROM strand WHERE reading = 'first'")

    def add_definition(self, metadata: Metadata, catalog_version: int, position: int, data: bytes) -> bool:
        """Note a table's definition; `False` if that version was noted before."""
        row = (metadata.id, metadata.version, catalog_version, position, data, self.round)
        return self._add("INSERT OR IGNORE INTO definition VALUES (?, ?, ?, ?, ?, ?)", *row)

    def add_revision(self, revision: Revision, left: bytes | None = None, taken: bytes | None = None) -> bool:
        """Note where a revision is; `False` if one of that version was noted before.

        Args:
            left: a hash of what it leaves to the next one.
            taken: a hash of what it says that the one before left; `None` if it says nothing of that.
        """
        metadata, is_redacted = revision.metadata, revision.data_hash is not None
        time_text, hash_part = clock.write(metadata.tx_time), revision.hash[:_HASH_PART]
        row = (metadata.id, metadata.version, *revision.address, time_text, is_redacted, hash_part, left, taken)
        return self._add("INSERT OR IGNORE INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)

    def is_as_noted(self, revision: Revision) -> bool | None:
        """Tell whether a revision is the one of which `add_revision` was told; `None` if it was told of none.

        Only the beginning of its hash is kept, which is enough to name a revision that was changed; that none was
        changed, only a digest proves.
        """
        query = "SELECT strand, sequence_no, hash FROM revision WHERE document = ? AND version = ?"
        row = self._row(query, revision.metadata.id, revision.metadata.version)
        return None if row is None else bool(row == (*revision.address, revision.hash[:_HASH_PART]))

    def is_newest(self, metadata: Metadata) -> bool:
        """Tell whether no revision of the document is noted to be newer."""
        row = self._row("SELECT newest FROM document WHERE id = ?", metadata.id)
        return row is None or row[0] <= metadata.version

    def values_of(self, metadata: Metadata) -> list[str]:
        """Return the partitions of the indexed values that a document has had from this revision on."""
        query = "SELECT partition FROM value WHERE document = ? AND version >= ?"
        return [row[0] for row in self._database.execute(query, (metadata.id, metadata.version))]

    def mark_redacted(self, revision: Revision) -> None:
        """Note whether a revision is redacted by now."""
        is_redacted = revision.data_hash is not None
        self._write(
            "UPDATE revision SET redacted = ? WHERE document = ? AND version = ? AND redacted != ?",
            *(is_redacted, revision.metadata.id, revision.metadata.version, is_redacted),
        )

    def add_redaction(self, redaction: Redaction) -> None:
        """Note that a block asks for a revision to be redacted."""
        row = (pending_key(redaction).sort, redaction.document_id, redaction.version, json.dumps(redaction), self.round)
        self._write("INSERT OR REPLACE INTO redaction VALUES (?, ?, ?, ?, ?)", *row)
        self._write("UPDATE document SET round = ? WHERE id = ?", self.round, redaction.document_id)

    def add_document(self, partition: str, metadata: Metadata, digest: bytes) -> bool:
        """Note a document's newest revision, older ones being ignored; `False` if it was in another table before."""
        # The strands are read one after the other, so a document's revisions do not come in their order.
        self._write(
            "INSERT INTO document VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " digest = iif(excluded.newest > newest, excluded.digest, digest),"
            " newest = max(newest, excluded.newest), round = excluded.round",
            *(metadata.id, partition, metadata.version, digest, self.round),
        )
        return self.partition_of(metadata.id) == partition

    def add_value(self, partition: str, metadata: Metadata) -> None:
        """Note that a revision has an indexed value; it is a current one if the revision is the newest."""
        self._write(
            "INSERT INTO value VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version = max(version, excluded.version)",
            *(partition, metadata.id, metadata.version),
        )

    def forget_values(self, index_id: str) -> None:
        """Drop all values of an index: it was taken for an index on something else."""
        partition = f"index/{index_id}/"
        self._write("DELETE FROM value WHERE partition >= ? AND partition < ?", partition, partition + "~")

    # What it says

    def definitions(self) -> Iterator[tuple[str, int, int, int, bytes]]:
        """Give (table id, version, catalog version, position in the block, data) of all definitions, oldest first."""
        yield from self._database.execute(
            "SELECT table_id, version, catalog_version, position, data FROM definition"
            " ORDER BY catalog_version, position"
        )

    def definition(self, metadata: Metadata) -> bytes | None:
        """Return the data of one version of a table's definition."""
        row = self._row("SELECT data FROM definition WHERE table_id = ? AND version = ?", metadata.id, metadata.version)
        return None if row is None else bytes(row[0])

    def partition_of(self, document_id: str) -> str | None:
        """Return where a document's current revision is kept; `None` if there is no such document."""
        row = self._row("SELECT partition FROM document WHERE id = ?", document_id)
        return None if row is None else str(row[0])

    def document(self, document_id: str) -> ExpectedDocument | None:
        """Return a document."""
        row = self._row("SELECT id, newest, digest FROM document WHERE id = ?", document_id)
        return None if row is None else ExpectedDocument(*row)

    def documents(self, partition: str, after: str = "") -> Iterator[ExpectedDocument]:
        """Give the documents of a partition by id, from the first behind `after`."""
        query = "SELECT id, newest, digest FROM document WHERE partition = ? AND id > ? ORDER BY id"
        return map(ExpectedDocument._make, self._database.execute(query, (partition, after)))

    def document_partitions(self) -> list[str]:
        """Return the partitions that hold documents."""
        return [row[0] for row in self._database.execute("SELECT DISTINCT partition FROM document")]

    def document_count(self) -> int:
        """Return how many documents there are, deleted ones included."""
        return self._count("SELECT count(*) FROM document")

    def revisions(self, document_id: str, first: int = 0) -> Iterator[tuple[int, BlockAddress, str]]:
        """Give version, block address and time of a document's revisions in their order, from a version on."""
        query = (
            "SELECT version, strand, sequence_no, time FROM revision WHERE document = ? AND version >= ?"
            " ORDER BY version"
        )
        for version, strand_id, sequence_no, time_text in self._database.execute(query, (document_id, first)):
            yield version, BlockAddress(strand_id, sequence_no), time_text

    def redacted_unasked(self, document_id: str) -> Iterator[int]:
        """Give the versions of a document that are redacted without a block that asks for it."""
        query = (
            "SELECT version FROM revision AS given WHERE document = ? AND redacted AND NOT EXISTS"
            " (SELECT 1 FROM redaction WHERE document = given.document AND version = given.version)"
        )
        return (row[0] for row in self._database.execute(query, (document_id,)))

    def discontinued(self, document_id: str, first: int) -> Iterator[int]:
        """Give the versions of a document, from one on, that took something else than the one before left."""
        query = (
            "SELECT later.version FROM revision AS later JOIN revision AS earlier"
            " ON earlier.document = later.document AND earlier.version = later.version - 1"
            " WHERE later.document = ? AND later.version >= ? AND earlier.left != later.taken ORDER BY later.version"
        )
        return (row[0] for row in self._database.execute(query, (document_id, first)))

    def redactions(self) -> Iterator[tuple[str, Redaction]]:
        """Give all redactions that were asked for, by the names of their notes, in order."""
        for name, header in self._database.execute("SELECT name, header FROM redaction ORDER BY name"):
            yield name, _redaction(header)

    def redaction(self, name: str) -> Redaction | None:
        """Return the redaction whose note has this name."""
        row = self._row("SELECT header FROM redaction WHERE name = ?", name)
        return None if row is None else _redaction(row[0])

    def address(self, document_id: str, version: int) -> BlockAddress:
        """Return where a revision is."""
        query = "SELECT strand, sequence_no FROM revision WHERE document = ? AND version = ?"
        return BlockAddress(*self._database.execute(query, (document_id, version)).fetchone())

    def values(self, after: str = "") -> Iterator[str]:
        """Give the partitions of all values that documents have or had, in order."""
        partition: str | None = after
        while partition is not None:
            [partition] = self._database.execute(
                "SELECT min(partition) FROM value WHERE partition > ?", (partition,)
            ).fetchone()
            if partition is not None:
                yield partition

    def entries(self, partition: str) -> Iterator[str]:
        """Give the ids of the documents that have this value now, in order."""
        query = (
            "SELECT value.document FROM value JOIN document ON document.id = value.document"
            " WHERE value.partition = ? AND value.version = document.newest ORDER BY value.document"
        )
        return (row[0] for row in self._database.execute(query, (partition,)))

    def value_count(self) -> int:
        """Return how many values documents have or had."""
        return self._count("SELECT count(DISTINCT partition) FROM value")

    def has_changed_since(self, item: Item, round_: int) -> bool:
        """Tell whether a block that was read after this round changed what is expected of the item.

        Of blocks and digests nothing else is ever expected.
        """
        match item.kind:
            case Kind.CATALOG:
                row = self._row("SELECT 1 FROM definition WHERE round > ?", round_)
            case Kind.DOCUMENT:
                row = self._row("SELECT 1 FROM document WHERE id = ? AND round > ?", item.name, round_)
            case Kind.REDACTION:
                row = self._row("SELECT 1 FROM redaction WHERE name = ? AND round > ?", item.name, round_)
            case Kind.VALUE:
                row = self._row(
                    "SELECT 1 FROM value JOIN document ON document.id = value.document"
                    " WHERE value.partition = ? AND document.round > ?",
                    *(item.partition, round_),
                )
            case _:
                row = None
        return row is not None

    def outdated(self) -> Iterator[Item]:
        """Give the items with findings of which a block says something else since they were compared."""
        query = "SELECT kind, partition, name, min(round) FROM finding WHERE kind != '' AND round < ? GROUP BY 1, 2, 3"
        for kind, partition, name, compared in self._database.execute(query, (self.round,)):
            item = Item(Kind(kind), partition, name)
            if self.has_changed_since(item, compared):
                yield item


def _redaction(header: str) -> Redaction:
    address, *rest = json.loads(header)
    return Redaction(BlockAddress(*address), *rest)


def place(table_id: str, document_id: str, shards: int) -> str:
    """Return the partition that a document is in."""
    return document_key(table_id, document_id, shards).partition
