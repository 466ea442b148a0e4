"""The ledgers of a server: created, described, changed, deleted, and opened for sessions."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple

from ledger import settings
from ledger.ledger import Ledger
from ledger.limits import DEFAULT_LIMITS, Limits
from ledger.server import attributes, clients
from ledger.server.attributes import Attributes, State
from ledger.server.deliveries import Deliveries
from ledger.server.errors import (
    LedgerQuotaError,
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
    ResourcePreconditionNotMetException,
)
from ledger.server.names import is_ledger_name
from ledger.server.served_ledger import ServedLedger
from ledger.server.stores import Stores
from ledger.settings import LedgerNotFoundError, Settings
from ledger.store import Conflict, Store, StoreError

_LOG = logging.getLogger("ledger.server")


class Description(NamedTuple):
    """A ledger as the control plane shows it."""

    settings: Settings
    attributes: Attributes

    @property
    def name(self) -> str:
        """Return the ledger's name."""
        return self.settings.name

    @property
    def created(self) -> datetime:
        """Return when the ledger was created."""
        return self.settings.created

    @property
    def state(self) -> State:
        """Return the ledger's state."""
        return self.attributes.state


class Registry:
    """The ledgers in one place. Safe to use from several threads."""

    def __init__(
        self,
        stores: Stores,
        limits: Limits = DEFAULT_LIMITS,
        *,
        extensions: bool = False,
        deliveries: Deliveries | None = None,
    ) -> None:
        """Serve the ledgers in `stores`; none is opened yet.

        Args:
            extensions: whether queries may have what QLDB did not, as `Ledger` takes it.
            deliveries: does the work of the ledgers' streams.
        """
        self._stores = stores
        self._limits = limits
        self._extensions = extensions
        self._deliveries = deliveries or Deliveries(clients.kinesis)
        self._opened: dict[str, Store] = {}
        self._ledgers: dict[str, Ledger] = {}
        self._removals: dict[str, Description] = {}
        self._lock = threading.Lock()
        self._creating = threading.Lock()
        self._is_closed = False

    def create(self, name: str, wanted: Attributes) -> Description:
        """Make a ledger and describe it as being created; it can be used from now on.

        Raises:
            ResourceAlreadyExistsException, ResourceInUseException: the name is taken, or its ledger is being deleted.
            LedgerQuotaError: there are too many.
        """
        with self._creating:
            known = self._look(name)
            if known is not None:
                raise _exists(name) if known.state is State.ACTIVE else _being_deleted(name)
            self._check_quota()
            made = self._create(name, wanted)
        return Description(made, wanted._replace(state=State.CREATING))

    def _check_quota(self) -> None:
        limit = self._limits.active_ledgers
        # Names are quickly counted, and there are no more ledgers than names.
        if len(self._stores.names()) < limit or sum(ledger.state is State.ACTIVE for ledger in self.all()) < limit:
            return
        raise LedgerQuotaError(f"the limit of {limit} active ledgers is reached")

    def _create(self, name: str, wanted: Attributes) -> Settings:
        store = self._store(name, create=True)
        # On the list first: a crash from here on leaves a name too many, never a ledger that is not listed.
        self._stores.note(name)
        try:
            attributes.save(store, wanted, attributes.load(store).version)
        except Conflict:
            raise _exists(name) from None
        return settings.create(store, name, strands=self._stores.strands)

    def describe(self, name: str) -> Description:
        """Return the ledger.

        Raises:
            ResourceNotFoundException: there is none of this name.
        """
        known = self._look(name)
        if known is None:
            raise ResourceNotFoundException(f"The Ledger with name {name} is not found", name)
        return known

    def all(self, after: str = "") -> Iterator[Description]:
        """Give all ledgers by name, those that are being deleted included.

        Args:
            after: leave out names up to and with this one.
        """
        for name in sorted(self._stores.names()):
            if name <= after or not is_ledger_name(name):
                continue
            try:
                ledger = self._look(name)
            except StoreError as error:
                self._warn("left out of the list of ledgers: %s", error)
                continue
            if ledger is not None:
                yield ledger

    def change(self, name: str, changed: Callable[[Attributes], Attributes]) -> Description:
        """Change a ledger's attributes and return it as it is then.

        Args:
            changed: gives the new attributes for the old ones, or raises; run again if they change meanwhile.

        Raises:
            ResourceNotFoundException, ResourceInUseException: there is no such ledger, or it is being deleted.
        """
        while True:
            ledger = self.describe(name)
            if ledger.state is State.DELETING:
                raise _being_deleted(name)
            store = self._store(name)
            control = attributes.load(store)
            if control.attributes.state is not State.ACTIVE:
                continue
            try:
                saved = attributes.save(store, changed(control.attributes), control.version)
            except Conflict:
                continue
            return ledger._replace(attributes=saved.attributes)

    def delete(self, name: str) -> None:
        """Begin to delete a ledger, for good.

        Raises:
            ResourcePreconditionNotMetException: it is protected against that.
            ResourceNotFoundException, ResourceInUseException: there is no such ledger, or it is being deleted.
        """

        def deleting(known: Attributes) -> Attributes:
            if known.deletion_protection:
                raise ResourcePreconditionNotMetException(
                    f"Ledger {name} is protected against deletion: turn DeletionProtection off first", name
                )
            return known._replace(state=State.DELETING)

        self._begin_removal(self.change(name, deleting))

    def active(self) -> Iterator[Description]:
        """Give the ledgers that can be used, by name."""
        return (known for known in self.all() if known.state is State.ACTIVE)

    def open(self, name: str) -> Ledger:
        """Return a ledger for a new session.

        Raises:
            LedgerNotFoundError: there is no active ledger of this name.
        """
        known = self._look(name) if is_ledger_name(name) else None
        if known is None or known.state is not State.ACTIVE:
            raise LedgerNotFoundError(f"no active ledger {name!r} here: create it first")
        store, ledger = self._store(name), self._ledgers.get(name)
        # Another server may have deleted the ledger and made it anew since it was opened here.
        if ledger is None or ledger.settings != known.settings:
            self._stores.note(name)
            on_commit = self._deliveries.wake
            ledger = ServedLedger(store, name, self._limits, on_commit, extensions=self._extensions)
            self._ledgers[name] = ledger
            threading.Thread(target=self._go_on, args=(ledger,), daemon=True).start()
        return ledger

    def resume(self) -> None:
        """Go on with the work that a server left undone when it ended, without waiting for it."""
        threading.Thread(target=self._open_all, daemon=True).start()

    def _open_all(self) -> None:
        try:
            for ledger in self.active():
                with suppress(LedgerNotFoundError):
                    self.open(ledger.name)
        except StoreError as error:
            self._warn("work that was left undone waits until its ledger is used: %s", error)

    def _go_on(self, ledger: Ledger) -> None:
        """Go on with streams, indexes and redactions that were interrupted when a server ended."""
        for work, complaint in (
            (partial(self._deliveries.resume, ledger), "the streams of ledger %s rest until somebody lists them: %s"),
            (ledger.complete_work, "work on ledger %s was interrupted, a later start goes on with it: %s"),
        ):
            try:
                work()
            except StoreError as error:
                if self._is_kept(ledger):
                    self._warn(complaint, ledger.name, error)

    def _is_kept(self, ledger: Ledger) -> bool:
        """Tell whether a ledger is not deleted, nor about to be: then what is missing is no trouble."""
        with self._lock:
            return self._ledgers.get(ledger.name) is ledger and ledger.name not in self._removals

    def _warn(self, text: str, *values: object) -> None:
        """Log what has gone wrong, but not what comes of closing the stores."""
        if not self._is_closed:
            _LOG.warning(text, *values)

    def close(self) -> None:
        """Close every store; a deletion that is under way goes on when a server next looks at the ledger."""
        self._is_closed = True
        with self._lock:
            for store in self._opened.values():
                store.close()
            self._stores.close()

    def _look(self, name: str) -> Description | None:
        """Find a ledger, and go on with what a crash may have interrupted: its creation or its deletion."""
        removal = self._removals.get(name)
        if removal is not None or not (name in self._opened or self._stores.exists(name)):
            return removal
        found = self._read(name)
        if found is None or found.state is State.DELETED:
            return None
        if found.state is State.DELETING:
            self._begin_removal(found)
        return found

    def _read(self, name: str) -> Description | None:
        store = self._store(name)
        control = attributes.load(store)
        try:
            made = settings.load(store, name)
        except LedgerNotFoundError:
            if control.version is None or control.attributes.state is not State.ACTIVE:
                return None
            made = settings.create(store, name, strands=self._stores.strands)
        return Description(made, control.attributes)

    def _begin_removal(self, ledger: Description) -> None:
        with self._lock:
            if ledger.name not in self._removals:
                self._removals[ledger.name] = ledger
                threading.Thread(target=self._remove, args=(ledger.name,), daemon=True).start()

    def _remove(self, name: str) -> None:
        try:
            self._deliveries.end(name)
            self._stores.remove(name, self._store(name))
        except Exception as error:
            self._warn("deleting ledger %s will be tried again: %s", name, error)
        finally:
            with self._lock:
                for known in (self._opened, self._ledgers, self._removals):
                    known.pop(name, None)

    def _store(self, name: str, *, create: bool = False) -> Store:
        with self._lock:
            if name not in self._opened:
                self._opened[name] = self._stores.open(name, create=create)
            return self._opened[name]


def _exists(name: str) -> ResourceAlreadyExistsException:
    return ResourceAlreadyExistsException(f"The Ledger with name {name} already exists", name)


def _being_deleted(name: str) -> ResourceInUseException:
    return ResourceInUseException(f"Ledger is being deleted: {name}", name)
