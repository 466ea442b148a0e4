"""That the journal goes on as a statement says it began: read from few cells, however long it is."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from ledger import strand
from ledger.journal import proof
from ledger.journal.cell import Tip, read_tip
from ledger.journal.revision import BlockAddress
from ledger.settings import Settings
from ledger.store.base import Store
from ledger.verification.statement import Statement


class Continuation(NamedTuple):
    """What became of a ledger's journal since a statement.

    Attributes:
        tips: the last block of each strand now.
        proofs: for each strand, the hashes which show that its older blocks are the same.
        problems: where they are not; then the proofs prove nothing.
    """

    tips: tuple[Tip, ...]
    proofs: tuple[tuple[bytes, ...], ...]
    problems: tuple[str, ...]

    def has_moved(self, statement: Statement) -> bool:
        """Tell whether any strand has blocks that the statement does not cover."""
        return tuple(tip.address for tip in self.tips) != statement.tips


def continuation(store: Store, settings: Settings, statement: Statement) -> Continuation:
    """Read how the journal goes on, and prove it against the roots in the statement.

    The roots of a strand's older blocks and of all its blocks must both follow from one list of nodes, which is read
    from the ledger: so the old root is not compared with a copy of itself, but computed again.

    Raises:
        StoreError: the cells cannot be read.
    """
    if [tip.strand_id for tip in statement.tips] != list(settings.strands):
        return Continuation((), (), ("its strands are not those of before",))
    tips, proofs, problems = list[Tip](), list[tuple[bytes, ...]](), list[str]()
    for address, root in zip(statement.tips, statement.roots, strict=True):
        try:
            tip = strand.tip(store, address.strand_id)
            hashes = _proof(store, address, tip)
            tips.append(tip)
            proofs.append(hashes)
            problems += _problems(statement, address, root, tip, hashes)
        except strand.UNREADABLE as error:
            problems.append(f"strand {address.strand_id} cannot be read: {error}")
    return Continuation(tuple(tips), tuple(proofs), tuple(problems))


def uncovered_since(store: Store, settings: Settings, statement: Statement | None) -> datetime | None:
    """Return since when the oldest block has waited that a statement does not cover; `None` if it covers all.

    Raises:
        StoreError: the cells cannot be read.
    """
    if statement is None:
        return settings.created
    behind = [tip._replace(sequence_no=tip.sequence_no + 1) for tip in statement.tips]
    times = []
    for cell in store.get(map(strand.block_key, behind)).values():
        with suppress(*strand.UNREADABLE):
            times.append(read_tip(cell.data).timestamp)
    return min(times, default=None)


def _problems(
    statement: Statement, address: BlockAddress, root: bytes, tip: Tip, hashes: Sequence[bytes]
) -> Iterator[str]:
    size, now = address.sequence_no + 1, tip.address.sequence_no + 1
    named = f"strand {address.strand_id}"
    if now < size:
        yield f"{named} ends with block {now - 1}, but {statement.name} covers it up to block {size - 1}"
    elif not proof.is_extension(size, root, now, tip.digest, hashes):
        yield f"{named}: its blocks up to {size - 1} of {now - 1} are not those that {statement.name} covers"


def _proof(store: Store, address: BlockAddress, tip: Tip) -> tuple[bytes, ...]:
    """Read the proof that the strand up to `address` is the beginning of the strand as it is."""
    size = tip.address.sequence_no + 1
    if address.sequence_no >= size:
        return ()
    ranges = proof.extension(address.sequence_no + 1, size)
    addresses = [BlockAddress(address.strand_id, number) for number in sorted(proof.holders(ranges, size))]
    nodes = strand.nodes(store.get(map(strand.block_key, addresses)), addresses)
    return tuple(proof.range_root(nodes, leaves) for leaves in ranges)
