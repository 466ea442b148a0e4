"""Rebuilding the view of the wallets' transactions from the journal, while its consumer goes on writing.

First every revision of the wallets' table is written from the journal, over whatever stands in its place; then every
item in whose place the journal has no revision is removed. Both parts can stop anywhere and go on from there, and may
be done again. An item that is marked as redacted stays so: nothing here brings erased data back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from aws_lambda_powertools import Logger

from lambdas.stream.errors import PoisonError
from lambdas.stream.records import Revision
from lambdas.stream.transactions import Transaction
from lambdas.stream.view import View
from lambdas.stream.view_items import Claim, Item, claim_of
from ledger.journal.block import Block, Redaction
from ledger.journal.cell import read_block
from ledger.journal.revision import BlockAddress
from ledger.journal.revision import Revision as JournalRevision
from ledger.store import Store
from ledger.strand import block_key

logger = Logger()

Place: TypeAlias = Mapping[str, Any]
"""Where to go on, as JSON: `{"strandId", "sequenceNo"}` in the journal, later `{"after"}`, a key of the view."""


@dataclass(slots=True)
class Counts:
    """How many items were written and removed, and how many revisions left out since the wallet did not write them."""

    written: int = 0
    removed: int = 0
    unusable: int = 0


class Rebuild:
    """Rebuilds the view of one table of a ledger."""

    def __init__(
        self, store: Store, strands: Iterable[str], journal_table: str, view: View, in_time: Callable[[], bool]
    ) -> None:
        """Take the ledger's store and strands, and the view; `in_time` tells whether there is time to go on."""
        self._store = store
        self._strands = list(strands)
        self._journal_table = journal_table
        self._view = view
        self._in_time = in_time
        self.counts = Counts()

    def run(self, place: Place | None) -> Place | None:
        """Go on at `place`, None for the beginning; return where to go on next time, None when all is done.

        Raises StoreError, what the view's client raises, and ValueError for a strand that the ledger does not have.
        """
        if place is None or "after" not in place:
            stopped = self._write_journal(place or {"strandId": self._strands[0], "sequenceNo": 0})
            if stopped is not None:
                return stopped
        return self._remove_unknown(None if place is None else place.get("after"))

    def _write_journal(self, place: Place) -> Place | None:
        sequence_no = int(place["sequenceNo"])
        for strand_id in self._strands[self._strands.index(place["strandId"]) :]:
            start = block_key(BlockAddress(strand_id, sequence_no))
            for _, cell in self._store.scan(start.partition, start=start.sort):
                block = read_block(cell.data).block
                self._write_block(block)
                if not self._in_time():
                    return {"strandId": strand_id, "sequenceNo": block.address.sequence_no + 1}
            sequence_no = 0
        return None

    def _write_block(self, block: Block) -> None:
        for revision in block.revisions:
            if self._is_shown(block, revision):
                self._write(revision)
        claims = {_claim_of(redaction): redaction for redaction in block.redactions}
        for claim in self._known(claims):
            self._view.redact(claims[claim])

    def _is_shown(self, block: Block, revision: JournalRevision) -> bool:
        entry = block.documents.get(revision.metadata.id)
        return entry is not None and entry.table_name == self._journal_table

    def _write(self, revision: JournalRevision) -> None:
        try:
            transaction = Transaction.of(Revision.from_ion(revision.to_ion()))
        except PoisonError as error:
            self.counts.unusable += 1
            address = revision.address.to_ion()
            logger.warning("revision left out of the view", error=type(error).__name__, block_address=address)
            return
        self.counts.written += self._view.replace(transaction)

    def _remove_unknown(self, after: Item | None) -> Place | None:
        while True:
            items, after = self._view.items(after)
            claims = [(claim_of(item), item) for item in items]
            known = self._known(claim for claim, _ in claims if claim is not None)
            for claim, item in claims:
                if claim not in known:
                    self.counts.removed += self._view.remove(item)
            if after is None:
                return None
            if not self._in_time():
                return {"after": after}

    def _known(self, claims: Iterable[Claim]) -> set[Claim]:
        """Return the claims that the journal bears out: the block that each names holds its revision."""
        keys = {claim: block_key(claim.address) for claim in claims}
        cells = self._store.get(set(keys.values()))
        return {
            claim
            for claim, key in keys.items()
            if key in cells and self._bears_out(read_block(cells[key].data).block, claim)
        }

    def _bears_out(self, block: Block, claim: Claim) -> bool:
        return any(
            (revision.metadata.id, revision.metadata.version) == (claim.wallet, claim.version)
            and self._is_shown(block, revision)
            for revision in block.revisions
        )


def _claim_of(redaction: Redaction) -> Claim:
    return Claim(redaction.document_id, redaction.version, redaction.address)
