"""What one checked block says, noted in `expected`: definitions, documents, indexed values, redactions."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from ledger import ion
from ledger.audit.blocks import CheckedBlock, block_place, readable
from ledger.audit.expected import Expected, place
from ledger.audit.finding import Finding, Item, Kind
from ledger.catalog import Index
from ledger.comparison import equality_key
from ledger.documents import write_current
from ledger.indexes import document_partition
from ledger.journal.revision import BlockAddress, Revision
from ledger.settings import Settings
from ledger.store.base import Corrupt

Indexes = Mapping[str, Sequence[Index]]
"""The indexes of each table, by its id."""

Carried = Mapping[str, str]
"""Fields that must have the value which another field had in the revision before, if both have one: that field."""

_HASH_PART = 8


def block_item(address: BlockAddress) -> Item:
    """Return the item that findings about a block are kept under."""
    return Item(Kind.BLOCK, address.strand_id, str(address.sequence_no))


class Notes:
    """Notes what blocks say. Notes about one block twice are one."""

    def __init__(self, settings: Settings, expected: Expected, carried: Carried) -> None:
        self._settings = settings
        self._expected = expected
        self._carried = carried

    def add_findings(self, checked: CheckedBlock) -> None:
        """Note what is wrong with a block itself."""
        for finding in checked.findings:
            self._expected.add_finding(finding, block_item(checked.address))

    def add(self, checked: CheckedBlock, indexes: Indexes) -> None:
        """Note what a block says.

        Args:
            indexes: whose values are noted.
        """
        for redaction in checked.stored.block.redactions:
            self._expected.add_redaction(redaction)
        for position, (revision, data) in enumerate(zip(checked.stored.block.revisions, checked.data, strict=True)):
            if revision.table_id is None:
                fresh = self._add_definition(checked, revision, position)
            else:
                fresh = self._add_document(revision, data)
                self._add_values(checked, revision, data, indexes)
            if not fresh:
                self._say(checked, revision, "is in the journal, or in a table, twice")

    def add_values(self, revision: Revision, data: ion.Value | None, indexes: Indexes) -> None:
        """Note the indexed values of a revision.

        Raises:
            Corrupt: one of them is none that an index can have.
        """
        for partition in _values(revision, data, indexes):
            self._expected.add_value(partition, revision.metadata)

    def compare(self, checked: CheckedBlock, indexes: Indexes) -> None:
        """Compare a block with what was noted of it before; whether revisions are redacted by now is noted."""
        for revision, data in zip(checked.stored.block.revisions, checked.data, strict=True):
            if revision.table_id is None:
                self._compare_definition(revision)
                continue
            self._expected.mark_redacted(revision)
            self._expected.count_again()
            is_as_noted = self._expected.is_as_noted(revision)
            if is_as_noted is None:
                self._doubt_notes(f"lack revision {revision.metadata.version} of document {revision.metadata.id}")
            elif not is_as_noted:
                self._say(checked, revision, "is not the one that was read there before")
            elif revision.data_hash is None and self._expected.is_newest(revision.metadata):
                # One that is redacted has a newer one behind it, which may not be read yet.
                self._compare_newest(revision, data, indexes)

    def compare_count(self) -> None:
        """Compare how many revisions were read again with how many are noted, unless blocks are missing."""
        read, noted = self._expected.counts()
        if read != noted and not self._expected.has_findings_of(Kind.BLOCK):
            self._doubt_notes(f"have {noted} revisions, but the journal has {read}")

    def _compare_definition(self, revision: Revision) -> None:
        if self._expected.definition(revision.metadata) != (revision.data or b""):
            self._doubt_notes(f"on table {revision.metadata.id} are not what the journal says")

    def _compare_newest(self, revision: Revision, data: ion.Value | None, indexes: Indexes) -> None:
        document_id = revision.metadata.id
        document = self._expected.document(document_id)
        if document is None or document.digest != _digest(revision):
            self._doubt_notes(f"on document {document_id} are not what the journal says")
        with suppress(Corrupt):
            values = set(_values(revision, data, indexes))
            if not values <= set(self._expected.values_of(revision.metadata)):
                self._doubt_notes(f"on indexed values of document {document_id} are not what the journal says")

    def _doubt_notes(self, what: str) -> None:
        """Note that the notes are wrong: once this pass is done all is learned anew."""
        self._expected.add_finding(Finding("the auditor's notes", what), Item(Kind.NOTES))
        self._expected.store("wrong notes", True)

    def _add_values(self, checked: CheckedBlock, revision: Revision, data: ion.Value | None, indexes: Indexes) -> None:
        try:
            self.add_values(revision, data, indexes)
        except Corrupt as corrupt:
            self._say(checked, revision, f"has an indexed value that is {corrupt}")

    def _say(self, checked: CheckedBlock, revision: Revision, what: str) -> None:
        name = f"revision {revision.metadata.version} of document {revision.metadata.id}"
        finding = Finding(block_place(*checked.address), f"{name} {what}")
        self._expected.add_finding(finding, block_item(checked.address))

    def _add_definition(self, checked: CheckedBlock, revision: Revision, position: int) -> bool:
        version = checked.link.catalog_version
        return self._expected.add_definition(revision.metadata, version, position, revision.data or b"")

    def _add_document(self, revision: Revision, data: ion.Value | None) -> bool:
        metadata = revision.metadata
        partition = place(revision.table_id or "", metadata.id, self._settings.shards)
        left, taken = _hash(data, self._carried.values()), _hash(data, self._carried.keys())
        fresh = self._expected.add_revision(revision, left, taken)
        return self._expected.add_document(partition, metadata, _digest(revision)) and fresh


def _digest(revision: Revision) -> bytes:
    return hashlib.sha256(write_current(revision)).digest()


def _hash(data: ion.Value | None, fields: Collection[str]) -> bytes | None:
    """Return a hash of the values of some fields; `None` if one of them has none."""
    values = [] if data is None else [data.get(field) for field in fields]
    if not values or any(map(ion.is_null, values)):
        return None
    with suppress(Corrupt):
        return hashlib.sha256(b"".join(readable(partial(equality_key, value)) for value in values)).digest()[
            :_HASH_PART
        ]
    return None


def _values(revision: Revision, data: ion.Value | None, indexes: Indexes) -> Iterator[str]:
    for index in indexes.get(revision.table_id or "", ()):
        partition = readable(partial(document_partition, index, data))
        if partition is not None:
            yield partition
