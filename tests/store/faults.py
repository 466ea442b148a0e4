"""A store that fails as real ones do, for tests of whatever stands on a store."""

import enum
import itertools
import random
import threading
from collections.abc import Iterable, Iterator, Mapping

from ledger.store import Cell, Conflict, Key, OutcomeUnknown, Store, StoreError, Throttled, Unavailable
from ledger.store.base import check_commit


class Fault(enum.Enum):
    """What befalls one commit."""

    LOST_BEFORE = "the request was lost: not applied, OutcomeUnknown"
    LOST_AFTER = "the answer was lost: applied if its expectations held, OutcomeUnknown"
    CONFLICT = "lost to a transaction that was then cancelled: not applied, Conflict on all expected keys"
    THROTTLED = "not applied, Throttled"
    UNAVAILABLE = "the connection was dropped before anything was sent: not applied, Unavailable"


class FaultyStore:
    """Wraps a store; `plan` says what befalls the commits, one after the other.

    `plan`: faults in order, None for none, and no faults after its end; or the seed of an endless plan in which a
    commit fails with the probability `rate`. `read_plan`: likewise for get and for each cell pulled from a scan, True
    being a dropped connection (`Unavailable`). `injected` lists the faults that commits have met, in order.
    """

    def __init__(
        self,
        store: Store,
        plan: int | Iterable[Fault | None] = (),
        *,
        rate: float = 0.3,
        read_plan: Iterable[bool] = (),
    ) -> None:
        self.store = store
        self.injected: list[Fault] = []
        self._plan = _random_plan(plan, rate) if isinstance(plan, int) else iter(plan)
        self._read_plan = iter(read_plan)
        self._lock = threading.Lock()

    @property
    def reads(self) -> int:
        return self.store.reads

    @property
    def writes(self) -> int:
        return self.store.writes

    def get(self, keys: Iterable[Key]) -> dict[Key, Cell]:
        self._drop()
        return self.store.get(keys)

    def scan(
        self,
        partition: str,
        *,
        start: str | None = None,
        stop: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[Key, Cell]]:
        return map(self._undropped, self.store.scan(partition, start=start, stop=stop, reverse=reverse, limit=limit))

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        check_commit(writes, expected)
        with self._lock:
            fault = next(self._plan, None)
            if fault:
                self.injected.append(fault)
        if fault is Fault.LOST_AFTER:
            try:
                self.store.commit(writes, expected)
            except StoreError as error:
                raise OutcomeUnknown(f"injected: {fault.value}") from error
        if fault in (Fault.LOST_BEFORE, Fault.LOST_AFTER):
            raise OutcomeUnknown(f"injected: {fault.value}")
        if fault is Fault.CONFLICT:
            raise Conflict(expected)
        if fault is Fault.THROTTLED:
            raise Throttled(f"injected: {fault.value}")
        if fault is Fault.UNAVAILABLE:
            raise Unavailable(f"injected: {fault.value}")
        self.store.commit(writes, expected)

    def scrub(self) -> None:
        self.store.scrub()

    def close(self) -> None:
        self.store.close()

    def _undropped(self, item: tuple[Key, Cell]) -> tuple[Key, Cell]:
        self._drop()
        return item

    def _drop(self) -> None:
        with self._lock:
            drop = next(self._read_plan, False)
        if drop:
            raise Unavailable("injected: the connection was dropped")


class PatientStore(FaultyStore):
    """A faulty store that keeps the contract again, by nothing but the contract: it looks and retries.

    After a lost answer it takes a commit for done if the cells that it created (or all, if it created none) are there
    as written. So each of several writers MUST create a cell that nobody else would, as the ledger does with its block.
    """

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        while True:
            try:
                return super().commit(writes, expected)
            except OutcomeUnknown:
                if writes and self._is_applied(writes, expected):
                    return None
            except (Throttled, Unavailable):
                pass
            except Conflict as conflict:
                if self._lost(conflict.keys, expected):
                    raise Conflict(self._lost(conflict.keys, expected)) from conflict

    def _is_applied(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> bool:
        puts = {key: Cell((expected[key] or 0) + 1, data) for key, data in writes.items() if data is not None}
        created = {key: cell for key, cell in puts.items() if expected[key] is None}
        return self.store.get(created or writes) == (created or puts)

    def _lost(self, keys: Iterable[Key], expected: Mapping[Key, int | None]) -> set[Key]:
        now = self.store.get(keys)
        return {key for key in keys if (now[key].version if key in now else None) != expected[key]}


def _random_plan(seed: int, rate: float) -> Iterator[Fault | None]:
    dice = random.Random(seed)
    for _ in itertools.count():
        yield dice.choice(list(Fault)) if dice.random() < rate else None
