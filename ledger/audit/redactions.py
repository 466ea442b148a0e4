"""How the notes of redactions that are still to be carried out differ from what the journal asks for."""

from collections.abc import Iterator
from contextlib import suppress

from ledger.audit.expected import Expected
from ledger.audit.finding import Difference, Finding, Item, Kind
from ledger.audit.journal import revision_at
from ledger.audit.merge import merged
from ledger.journal.block import Redaction
from ledger.redaction import PENDING, write_pending
from ledger.store.base import Cell, Corrupt, Key, Store


class RedactionCheck:
    """Compares the notes with the journal.

    Notes that agree prove: what a block asks to be redacted is redacted, or will be; and nothing else will be.
    """

    def __init__(self, store: Store, expected: Expected) -> None:
        self._store = store
        self._expected = expected

    def all(self) -> Iterator[Difference]:
        """Compare all notes."""
        notes = ((key.sort, cell) for key, cell in self._store.scan(PENDING))
        for name, redaction, note in merged(self._expected.redactions(), notes):
            yield from self._compare(Item(Kind.REDACTION, PENDING, name), redaction, note)

    def differences(self, item: Item) -> Iterator[Difference]:
        """Compare one note."""
        key = Key(PENDING, item.name)
        return self._compare(item, self._expected.redaction(item.name), self._store.get([key]).get(key))

    def _compare(self, item: Item, redaction: Redaction | None, note: Cell | None) -> Iterator[Difference]:
        document_id, _, version = item.name.partition("/")
        where, key = f"document {document_id}", Key(PENDING, item.name)
        if redaction is None and note is None:
            return
        if redaction is None:
            finding = Finding(where, f"its revision {version} is noted to be redacted, but no block asks for that")
            yield Difference(item, finding, key, note, lambda: None)
        elif note is None and self._is_done(redaction):
            return
        elif note is None or note.data != write_pending(redaction):
            finding = Finding(where, f"its revision {version} is to be redacted, but not noted so")
            yield Difference(item, finding, key, note, lambda: write_pending(redaction))

    def _is_done(self, redaction: Redaction) -> bool:
        # The note was read before: data and note go in one commit, so where there is no note any more there is no data.
        # A revision that is missing was a finding before.
        with suppress(Corrupt):
            return revision_at(self._store, redaction.address, redaction.document_id, redaction.version).data is None
        return True
