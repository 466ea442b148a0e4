"""A ledger: opened on a store, it begins transactions and commits them."""

import logging
import threading

from ledger import clock as clocks
from ledger import settings as ledger_settings
from ledger.catalog import CATALOG_KEY, Catalog, CatalogRead
from ledger.clock import Clock
from ledger.errors import OccConflictException
from ledger.limits import DEFAULT_LIMITS, Limits
from ledger.redaction import carry_out, pending
from ledger.store.base import Corrupt, Store, StoreError
from ledger.transaction.commit import commit
from ledger.transaction.index_build import build_index, unfinished
from ledger.transaction.reads import Reads
from ledger.transaction.transaction import Transaction

logger = logging.getLogger(__name__)


class Ledger:
    """One ledger on its store. Safe to use from several threads; so are several of them, anywhere, on one store."""

    def __init__(
        self,
        store: Store,
        name: str,
        *,
        limits: Limits = DEFAULT_LIMITS,
        clock: Clock = clocks.now,
        extensions: bool = False,
        work_in_background: bool = True,
    ) -> None:
        """Open the ledger `name` in `store`.

        Args:
            extensions: whether queries may have what QLDB did not: ORDER BY, LIMIT, OFFSET, GROUP BY and HAVING.
            work_in_background: a commit that creates an index on a table with documents, or redacts, returns at once,
                as QLDB's did, and a thread does the work, which the process waits for when it exits. A function that
                is frozen between its calls MUST turn this off; then the commit returns when the work was tried, and
                `complete_work` tells whether it is done.

        Raises:
            LedgerNotFoundError: the store does not hold it; `ledger.settings.create` makes it.
        """
        self.store = store
        self.name = name
        self.limits = limits
        self.clock = clock
        self.extensions = extensions
        self.settings = ledger_settings.load(store, name)
        self._work_in_background = work_in_background
        self._catalog: CatalogRead | None = None
        self._lock = threading.Lock()
        self._work_lock = threading.Lock()

    def begin(self) -> Transaction:
        """Return a new transaction."""
        return Transaction(Reads(self.store, self.settings.strands), self.settings, self.limits, self.load_catalog)

    def commit(self, transaction: Transaction) -> None:
        """Commit the transaction, or change nothing; have the indexes built that it created on tables with documents.

        Raises:
            QldbError: as `ledger.transaction.commit.commit`.
        """
        try:
            commit(self.store, transaction, self.clock)
        except OccConflictException:
            self._forget_catalog()
            raise
        if transaction.changed_tables:
            self._forget_catalog()
        if transaction.redactions or _has_begun_indexes(transaction):
            self._carry_on()

    def complete_indexes(self) -> None:
        """Complete every index that is being built or whose build was interrupted, and wait for it."""
        with self._work_lock:
            for table, index in unfinished(self.load_catalog(fresh=True).catalog):
                build_index(self.store, self.settings, table, index)
                self._forget_catalog()

    def complete_redactions(self) -> None:
        """Erase the data of every revision whose redaction was committed, and wait for it."""
        with self._work_lock:
            for redaction in list(pending(self.store)):
                carry_out(self.store, redaction)

    def complete_work(self) -> None:
        """Carry out what commits have left to be done, or an interruption left undone, and wait for it."""
        self.complete_redactions()
        self.complete_indexes()

    def _carry_on(self) -> None:
        if self._work_in_background:
            threading.Thread(target=self._try_to_complete_work, name="ledger work").start()
        else:
            self._try_to_complete_work()

    def _try_to_complete_work(self) -> None:
        # The commit stands whatever becomes of the work, so its client must not be told that it failed.
        try:
            self.complete_work()
        except StoreError:
            logger.exception("work on ledger %s was interrupted; complete_work() goes on with it", self.name)

    def load_catalog(self, *, fresh: bool) -> CatalogRead:
        """Return the catalog: as the store has it now, or as it was read lately.

        A commit checks that the catalog which its transaction knew is still in force, so an outdated one does no harm.
        """
        with self._lock:
            if fresh or self._catalog is None:
                cell = self.store.get([CATALOG_KEY]).get(CATALOG_KEY)
                if cell is None:
                    raise Corrupt(f"the catalog of ledger {self.name!r} is missing")
                self._catalog = CatalogRead(Catalog.from_cell(cell), cell.version)
            return self._catalog

    def _forget_catalog(self) -> None:
        with self._lock:
            self._catalog = None


def _has_begun_indexes(transaction: Transaction) -> bool:
    return any(table.id in transaction.changed_tables for table, _ in unfinished(transaction.tables))
