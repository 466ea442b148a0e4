"""Committing a transaction: one atomic write that holds only if everything the transaction read still stands.

Two kinds of cells may have changed under it. What it read or replaces: that is the conflict which clients know, an
OccConflictException, and the transaction must run again. The strand's next place, or the head of an indexed value that
it joins without having looked it up: that is only a race for a place, and the commit is built anew behind the winner.
"""

import random
import time
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from ledger import strand
from ledger.catalog import CATALOG_KEY
from ledger.clock import Clock
from ledger.errors import (
    CapacityExceededException,
    LimitExceededException,
    OccConflictException,
    RateExceededException,
    TransactionOutcomeUnknownException,
)
from ledger.journal.cell import Tip, read_tip
from ledger.store.base import Conflict, Key, OutcomeUnknown, Store, Throttled, TooLarge, Unavailable
from ledger.transaction.block_builder import cells_of_block, cells_of_fences, next_catalog
from ledger.transaction.index_changes import index_writes, movements, touched_cells
from ledger.transaction.transaction import Transaction

_ATTEMPTS = 40
_LOOKS = 5
_LONGEST_PAUSE_SECONDS = 0.1


def commit(store: Store, transaction: Transaction, clock: Clock) -> None:
    """Commit the transaction, or change nothing.

    Raises:
        OccConflictException: something it read or replaces has changed.
        LimitExceededException: it is too large for the ledger or its store.
        CapacityExceededException, RateExceededException: the ledger is too busy.
        TransactionOutcomeUnknownException: whether it took place could not be found out.
    """
    commit_once = _validate if transaction.is_read_only else _write
    for attempt in range(_ATTEMPTS):
        try:
            if commit_once(store, transaction, clock):
                return
        except TooLarge as error:
            raise LimitExceededException(f"Transaction exceeds the limits of the ledger's store: {error}") from error
        except (Throttled, Unavailable) as error:
            raise RateExceededException("Rate exceeded") from error
        _pause(attempt)
    raise CapacityExceededException("Capacity exceeded")


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0, min(0.002 * 2**attempt, _LONGEST_PAUSE_SECONDS)))  # noqa: S311 - jitter, no secret


def _validate(store: Store, transaction: Transaction, clock: Clock) -> bool:  # noqa: ARG001
    """Check that what a reading transaction saw held at one instant; `False` asks to check again."""
    reads = transaction.reads
    if not reads.relied and not reads.scanned:
        return True
    expected = {**reads.relied, CATALOG_KEY: transaction.catalog_read.cell_version}
    next_places = _next_places(reads.snapshot.values())
    try:
        store.commit({}, {**expected, **dict.fromkeys(next_places)})
    except Conflict as conflict:
        if conflict.keys - next_places:
            raise OccConflictException from conflict
        _move_snapshot(store, transaction)
        return False
    except OutcomeUnknown:
        return False
    return True


def _write(store: Store, transaction: Transaction, clock: Clock) -> bool:
    """Try to commit behind the tips as they are now; `False` if somebody else took a place that this attempt needed."""
    return _settle(store, transaction, _plan(store, transaction, clock()))


class Plan(NamedTuple):
    """One attempt to commit.

    Attributes:
        place: the cell of the transaction's block, empty so far.
        races: the cells which may change without a conflict that clients hear of.
    """

    place: Key
    writes: dict[Key, bytes | None]
    expected: dict[Key, int | None]
    races: frozenset[Key]


def _plan(store: Store, transaction: Transaction, now: datetime) -> Plan:
    catalog, reads = next_catalog(transaction), transaction.reads
    tips = _tips(store, transaction)
    chosen = random.choice(list(tips.values()))  # noqa: S311 - spreads load, no secret
    writes = cells_of_block(transaction, catalog, chosen, now)
    if transaction.changed_tables:
        writes |= cells_of_fences(transaction, catalog, [tip for tip in tips.values() if tip is not chosen], now)

    moved = movements(transaction.changes.values(), catalog)
    touched = touched_cells(moved)
    cells = store.get(touched) if touched else {}
    expected: dict[Key, int | None] = dict.fromkeys(writes)
    expected |= {key: cells[key].version if key in cells else None for key in touched}
    writes |= index_writes(moved, cells)

    races = _next_places(tips.values())
    expected |= dict.fromkeys(races)
    expected |= reads.relied
    if transaction.changed_tables:
        expected[CATALOG_KEY] = transaction.catalog_read.cell_version
    _check_size(writes, transaction)
    races |= frozenset(touched) - frozenset(reads.relied)
    return Plan(strand.block_key(chosen.next_address), writes, expected, races)


def _settle(store: Store, transaction: Transaction, plan: Plan) -> bool:
    for _ in range(_LOOKS):
        try:
            store.commit(plan.writes, plan.expected)
        except Conflict as conflict:
            # A commit whose answer was lost may have been repeated below us: then the block in our place is our own.
            if plan.place in conflict.keys and _holds(store, plan.place, transaction):
                return True
            if conflict.keys - plan.races:
                raise OccConflictException from conflict
            return False
        except OutcomeUnknown:
            # The block's place was empty before: our transaction there means that all of it is written. Nothing there
            # may mean that the write is still under way, so the same commit is sent again. It cannot happen twice, for
            # both expect this place to be empty.
            if _holds(store, plan.place, transaction):
                return True
        else:
            return True
    raise TransactionOutcomeUnknownException(
        f"the outcome of transaction {transaction.transaction_id} is unknown: look for its effects before repeating it"
    )


def _holds(store: Store, block_key: Key, transaction: Transaction) -> bool:
    try:
        cell = store.get([block_key]).get(block_key)
    except (Throttled, Unavailable):
        return False
    return cell is not None and read_tip(cell.data).transaction_id == transaction.transaction_id


def _tips(store: Store, transaction: Transaction) -> dict[str, Tip]:
    """Return the tips that this commit depends on: of every strand if it must hold against all commits, else of one."""
    reads, strands = transaction.reads, transaction.settings.strands
    if reads.scanned:
        _move_snapshot(store, transaction)
        tips = reads.snapshot
    elif transaction.changed_tables:
        tips = {strand_id: strand.tip(store, strand_id) for strand_id in strands}
    else:
        picked = random.choice(strands)  # noqa: S311 - spreads load, no secret
        tips = {picked: strand.tip(store, picked)}
    if any(tip.catalog_version != transaction.catalog_read.catalog.version for tip in tips.values()):
        raise OccConflictException
    return tips


def _move_snapshot(store: Store, transaction: Transaction) -> None:
    """Move the snapshot up to the newest blocks, provided that none of them changed a table that was scanned."""
    reads = transaction.reads
    for strand_id, known in reads.snapshot.items():
        for newer in strand.tips_after(store, known.address):
            if newer.table_ids & reads.scanned or newer.catalog_version != known.catalog_version:
                raise OccConflictException
            reads.snapshot[strand_id] = newer


def _next_places(tips: Iterable[Tip]) -> frozenset[Key]:
    return frozenset(strand.block_key(tip.next_address) for tip in tips)


def _check_size(writes: dict[Key, bytes | None], transaction: Transaction) -> None:
    size, limit = sum(len(data) for data in writes.values() if data), transaction.limits.transaction_bytes
    if size > limit:
        raise LimitExceededException(f"Transaction size of {size} bytes exceeds the limit of {limit} bytes")
