"""A ledger as a server has it open: its streams hear of commits at once."""

from collections.abc import Callable

from ledger.ledger import Ledger
from ledger.limits import Limits
from ledger.store import Store
from ledger.transaction.transaction import Transaction


class ServedLedger(Ledger):
    """A ledger that tells of its commits."""

    def __init__(
        self, store: Store, name: str, limits: Limits, on_commit: Callable[[str], None], *, extensions: bool
    ) -> None:
        """Open the ledger `name` in `store`.

        Args:
            on_commit: is told the name after each commit that wrote a block; it must neither fail nor wait.
        """
        super().__init__(store, name, limits=limits, extensions=extensions)
        self._on_commit = on_commit

    def commit(self, transaction: Transaction) -> None:
        """Commit as any ledger does, then tell of it."""
        super().commit(transaction)
        if not transaction.is_read_only:
            self._on_commit(self.name)
