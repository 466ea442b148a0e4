"""What one checked block says, noted in `expected`: definitions, documents, indexed values, redactions."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial

from ledger import ion
from ledger.audit.blocks import CheckedBlock, block_place, readable
from ledger.audit.expected import Expected, place
from ledger.audit.finding import Finding, Item, Kind
from ledger.catalog import Index
from ledger.documents import write_current
from ledger.indexes import document_partition
from ledger.journal.revision import BlockAddress, Revision
from ledger.settings import Settings

Indexes = Mapping[str, Sequence[Index]]
"""The indexes of each table, by its id."""


def block_item(address: BlockAddress) -> Item:
    """Return the item that findings about a block are kept under."""
    return Item(Kind.BLOCK, address.strand_id, str(address.sequence_no))


class Notes:
    """Notes what blocks say. Notes about one block twice are one."""

    def __init__(self, settings: Settings, expected: Expected) -> None:
        self._settings = settings
        self._expected = expected

    def add_findings(self, checked: CheckedBlock) -> None:
        """Note what is wrong with a block itself."""
        block, settings = checked.stored.block, self._settings
        for finding in checked.findings:
            self._expected.add_finding(finding, block_item(checked.address))
        said = (block.system.get("ledgerName"), block.system.get("strands"), block.timestamp)
        if checked.address.sequence_no == 0 and said != (settings.name, list(settings.strands), settings.created):
            what = f"are not those that {block_place(*checked.address)} was made with"
            self._expected.add_finding(Finding("settings", what), Item(Kind.SETTINGS))

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
                fresh = self._add_document(revision)
                self.add_values(revision, data, indexes)
            if not fresh:
                name = f"revision {revision.metadata.version} of document {revision.metadata.id}"
                finding = Finding(block_place(*checked.address), f"{name} is in the journal, or in a table, twice")
                self._expected.add_finding(finding, block_item(checked.address))

    def add_values(self, revision: Revision, data: ion.Value | None, indexes: Indexes) -> None:
        """Note the indexed values of a revision."""
        for index in indexes.get(revision.table_id or "", ()):
            partition = readable(partial(document_partition, index, data))
            if partition is not None:
                self._expected.add_value(partition, revision.metadata)

    def compare(self, checked: CheckedBlock) -> None:
        """Compare a block with what was noted of it before; that revisions are redacted by now is noted."""
        for revision in checked.stored.block.revisions:
            if revision.data_hash is not None:
                self._expected.mark_redacted(revision.metadata)
            if revision.table_id is not None and not self._expected.is_as_noted(revision):
                name = f"revision {revision.metadata.version} of document {revision.metadata.id}"
                what = f"{name} is not the one that was read there before"
                self._expected.add_finding(Finding(block_place(*checked.address), what), block_item(checked.address))

    def _add_definition(self, checked: CheckedBlock, revision: Revision, position: int) -> bool:
        catalog_version = checked.stored.block.system["catalogVersion"]
        return self._expected.add_definition(revision.metadata, catalog_version, position, revision.data or b"")

    def _add_document(self, revision: Revision) -> bool:
        metadata = revision.metadata
        partition = place(revision.table_id or "", metadata.id, self._settings.shards)
        digest = hashlib.sha256(write_current(revision)).digest()
        fresh = self._expected.add_revision(revision)
        return self._expected.add_document(partition, metadata, digest) and fresh
