"""Checking notarised digests: each by itself, that each continues the one before, and that the journal is theirs."""

from collections.abc import Iterator
from typing import NamedTuple

from ledger import strand
from ledger.audit.blocks import Link
from ledger.audit.expected import FIRST
from ledger.audit.finding import Finding, Item, Kind
from ledger.audit.state import AuditState
from ledger.journal import proof, tree
from ledger.journal.revision import BlockAddress
from ledger.notary.archive import Archive, Entry
from ledger.store.base import Store
from ledger.verification.ecdsa import Keys
from ledger.verification.notarised import Notarised, check_continuation, check_signature
from ledger.verification.shapes import NotProvenError
from ledger.verification.statement import Statement


class DigestChain:
    """The notarised digests of one ledger in their archive."""

    def __init__(self, archive: Archive, ledger: str, keys: Keys, state: AuditState) -> None:
        self._archive = archive
        self._ledger = ledger
        self._keys = keys
        self._state = state
        self.read = 0

    def following(self, last: Statement | None, *, is_newest: bool = True) -> Iterator[tuple[Statement | None, bool]]:
        """Give the statements behind `last`, and whether each is proven to continue the one before.

        For one that is not sound give `None`. What is wrong with it is noted, and if `last` itself is not there any
        more as it was. Without `last`, begin with the oldest that is still kept.

        Args:
            is_newest: `last` was the newest. One that was not may have reached its age, and be gone with all before it.
        """
        if last is not None and not is_newest and self.oldest() > last.number:
            last = None
        earlier, number = last, None if last is None else last.number
        for entry in self._archive.entries(number or 0):
            if number is not None and entry.number > number:
                self._add_missing(number, entry.number)
                earlier = None
            number = entry.number + 1
            if last is not None and entry.number == last.number:
                self._check_kept(entry, last)
                continue
            statement = self._sound(entry, earlier)
            yield statement, earlier is not None
            earlier = statement
        if last is not None and number == last.number:
            self._add_missing(number, number + 1)

    def oldest(self) -> int:
        """Return the number of the oldest digest that is kept; 0 if none is."""
        return next((entry.number for entry in self._archive.entries(0)), 0)

    def at(self, number: int) -> Statement | None:
        """Return a statement by its number; `None` if there is none that is signed."""
        for entry in self._archive.entries(number):
            try:
                return self._read(entry).statement if entry.number == number else None
            except NotProvenError:
                return None
        return None

    def _sound(self, entry: Entry, earlier: Statement | None) -> Statement | None:
        self._check_sole(entry)
        try:
            notarised = self._read(entry)
            if earlier is not None:
                list(check_continuation(earlier, notarised))
        except NotProvenError as error:
            self._add(entry.number, f"is not sound: {error}")
            return None
        return notarised.statement

    def _read(self, entry: Entry) -> Notarised:
        self.read += 1
        if entry.version is None:
            raise NotProvenError("read the notarised digest", "it was removed from the archive")
        notarised = Notarised.read(self._archive.read(entry))
        statement = notarised.statement
        if (statement.ledger, statement.number) != (self._ledger, entry.number):
            raise NotProvenError("read the notarised digest", f"it is {statement.name} of ledger {statement.ledger}")
        check_signature(notarised, self._keys)
        return notarised

    def _check_kept(self, entry: Entry, last: Statement) -> None:
        self._check_sole(entry)
        try:
            if self._read(entry).statement != last:
                self._add(entry.number, f"is not the one that was there before, {last.name}")
        except NotProvenError as error:
            self._add(entry.number, f"is not sound any more: {error}")

    def _check_sole(self, entry: Entry) -> None:
        if not entry.is_sole:
            self._add(
                entry.number, "was written over or hidden after it was notarised; the first version is what counts"
            )

    def _add_missing(self, first: int, stop: int) -> None:
        what = "is missing" if stop == first + 1 else f"and all up to {stop - 1} are missing"
        self._add(first, f"{what} from the archive")

    def _add(self, number: int, what: str) -> None:
        self._state.add_finding(Finding(f"digest {number}", what), Item(Kind.DIGEST, "", str(number)))


class End(NamedTuple):
    """How far a strand was read, or goes by now if that is less, and the root over it; `None` if that is not known."""

    size: int
    root: bytes | None


class RootCheck:
    """Compares the journal, as it was computed anew, with a notarised digest.

    A digest that fits proves that the journal up to its tips is the one of which it was taken, to the last bit.
    """

    def __init__(self, store: Store, state: AuditState, chain: DigestChain) -> None:
        self._store = store
        self._state = state
        self._chain = chain

    def compare(self, statement: Statement, reading: str = FIRST) -> None:
        """Note the strands that are not as the digest says."""
        for place, tip in enumerate(statement.tips):
            end = self._end(tip.strand_id, reading)
            if self._fits(statement, place, end) is False:
                finding = Finding(f"strand {tip.strand_id}", self._difference(statement, place, end))
                self._state.add_finding(finding, Item(Kind.BLOCK, tip.strand_id))

    def _end(self, strand_id: str, reading: str) -> End:
        size, link = self._state.position(strand_id, reading)
        try:
            tip = strand.tip(self._store, strand_id)
            if tip.address.sequence_no + 1 < size:
                return End(tip.address.sequence_no + 1, tip.digest)
        except strand.UNREADABLE:
            return End(size, None)
        return End(size, None if link is None else tree.root(Link.from_json(link).peaks))

    def _fits(self, statement: Statement, place: int, end: End) -> bool | None:
        """Tell whether a strand begins as the digest says; `None` if a damaged block leaves that open."""
        tip, root = statement.tips[place], statement.roots[place]
        if end.size <= tip.sequence_no:
            return False
        if end.root is None:
            return None
        try:
            hashes = self._proof(tip, end.size)
        except strand.UNREADABLE:
            return False
        return proof.is_extension(tip.sequence_no + 1, root, end.size, end.root, hashes)

    def _proof(self, tip: BlockAddress, size: int) -> list[bytes]:
        # These nodes come from the ledger and may be wrong; but then they prove nothing.
        ranges = proof.extension(tip.sequence_no + 1, size)
        holders = [BlockAddress(tip.strand_id, number) for number in sorted(proof.holders(ranges, size))]
        nodes = strand.nodes(self._store.get(map(strand.block_key, holders)), holders)
        return [proof.range_root(nodes, leaves) for leaves in ranges]

    def _difference(self, statement: Statement, place: int, end: End) -> str:
        tip = statement.tips[place]
        fitting, first = self._bracket(statement, place, end)
        begin = 0 if fitting is None else fitting.tips[place].sequence_no + 1
        until = f"it fits no digest, not even {first.name}" if fitting is None else f"it fits up to {fitting.name}"
        if end.size <= tip.sequence_no:
            return f"ends with block {end.size - 1}, but {statement.name} covers it up to {tip.sequence_no}; {until}"
        last = first.tips[place].sequence_no
        return f"is not the one of {first.name}: something in its blocks {begin} to {last} was changed; {until}"

    def _bracket(self, statement: Statement, place: int, end: End) -> tuple[Statement | None, Statement]:
        """Return the last digest that a strand fits and the first that it does not; who fits one, fits all before."""
        fitting, first, low = None, statement, min(self._chain.oldest(), statement.number)
        while low < first.number:
            middle = (low + first.number) // 2
            found = next(filter(None, map(self._chain.at, range(middle, low - 1, -1))), None)
            if found is not None and self._fits(found, place, end) is False:
                first = found
            else:
                fitting, low = found or fitting, middle + 1
        return fitting, first
