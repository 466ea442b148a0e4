"""Statements under a watch: each is given up when its time is over or somebody stops it, wherever it is."""

import time
from collections.abc import Iterable, Iterator, Mapping

from ledger.console.errors import StatementStoppedException, StatementTimeoutException
from ledger.ledger import Ledger
from ledger.store import Cell, Key, Store
from ledger.transaction.reads import Reads
from ledger.transaction.transaction import Transaction


class Watch:
    """How long a statement may still take. `stop` may be called from any thread."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_stopped = False
        self.restart()

    def restart(self) -> None:
        """Grant the whole time anew, for the next page of rows."""
        self._end = time.monotonic() + self._seconds

    def stop(self) -> None:
        """Have the statement end at its next step."""
        self._is_stopped = True

    def check(self) -> None:
        """Raise StatementStoppedException or StatementTimeoutException if the statement is to end."""
        if self._is_stopped:
            raise StatementStoppedException
        if time.monotonic() > self._end:
            raise StatementTimeoutException(self._seconds)


class WatchedTransaction(Transaction):
    """A transaction whose every step looks at a watch."""

    def __init__(self, ledger: Ledger, watch: Watch) -> None:
        reads = Reads(_WatchedStore(ledger.store, watch), ledger.settings.strands)
        super().__init__(reads, ledger.settings, ledger.limits, ledger.load_catalog)
        self._watch = watch

    def check_time(self) -> None:
        """Raise if the statement is to end."""
        self._watch.check()


class _WatchedStore:
    """Reads from a store, looking at a watch between cells. What commits goes to the store itself."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self._store = store
        self._watch = watch

    @property
    def reads(self) -> int:
        return self._store.reads

    @property
    def writes(self) -> int:
        return self._store.writes

    def get(self, keys: Iterable[Key]) -> dict[Key, Cell]:
        self._watch.check()
        return self._store.get(keys)

    def scan(
        self,
        partition: str,
        *,
        start: str | None = None,
        stop: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[Key, Cell]]:
        for found in self._store.scan(partition, start=start, stop=stop, reverse=reverse, limit=limit):
            self._watch.check()
            yield found

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        self._store.commit(writes, expected)

    def scrub(self) -> None:
        self._store.scrub()

    def close(self) -> None:
        self._store.close()
