"""The ledgers that a console shows."""

import threading
from collections.abc import Iterator

from ledger.console.places import Place
from ledger.console.read_only import ReadOnlyStore
from ledger.ledger import Ledger
from ledger.server import attributes
from ledger.server.attributes import State
from ledger.settings import LedgerNotFoundError
from ledger.store import Store, StoreError


class Ledgers:
    """The ledgers in one place, opened when they are first asked for. Safe to use from several threads.

    Attributes:
        is_writable: whether statements may change them.
        extensions: whether queries may have what QLDB did not, as `Ledger` takes it.
    """

    def __init__(self, place: Place, *, writable: bool = False, extensions: bool = False) -> None:
        self.is_writable = writable
        self.extensions = extensions
        self._place = place
        self._known: set[str] = set()
        self._opened: dict[str, Ledger] = {}
        self._lock = threading.Lock()

    def all(self) -> Iterator[Ledger]:
        """Give the ledgers by name; what cannot be opened, or is being deleted, is left out.

        Raises:
            StoreError: the place cannot be used.
        """
        for name in sorted(self._names()):
            try:
                yield self.open(name)
            except (LedgerNotFoundError, StoreError):
                continue

    def open(self, name: str) -> Ledger:
        """Return a ledger.

        Raises:
            LedgerNotFoundError: there is none of this name.
            StoreError: it cannot be read.
        """
        # Names come from outside, and a name becomes a path: none is taken that the place does not have.
        if name not in self._known and name not in self._names():
            raise LedgerNotFoundError(f"there is no ledger {name[:40]!r} here")
        with self._lock:
            if name not in self._opened:
                self._opened[name] = self._open(name)
            return self._opened[name]

    def close(self) -> None:
        """Close every store."""
        with self._lock:
            for ledger in self._opened.values():
                ledger.store.close()
            self._opened.clear()
            self._place.close()

    def _names(self) -> set[str]:
        found = set(self._place.names())
        self._known = found
        return found

    def _open(self, name: str) -> Ledger:
        store = self._place.open(name)
        try:
            _require_active(store, name)
            kept = store if self.is_writable else ReadOnlyStore(store)
            return Ledger(kept, name, extensions=self.extensions)
        except BaseException:
            store.close()
            raise


def _require_active(store: Store, name: str) -> None:
    if attributes.load(store).attributes.state is not State.ACTIVE:
        raise LedgerNotFoundError(f"the ledger {name!r} is being deleted")
