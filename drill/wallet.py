"""A wallet with a past: accounts, and a thousand transactions."""

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ledger import settings
from ledger.driver import connect
from ledger.settings import Settings
from ledger.store import Key, SQLiteStore

TABLE = "wallettable"
STAGES = 10
_ACCOUNTS, _STRANDS, _MOST = 20, 4, 50

Cells = Mapping[Key, bytes]
"""All cells of a ledger."""


class Past(NamedTuple):
    """What became of a ledger, in stages of equal length: all its cells after each."""

    settings: Settings
    stages: Sequence[Cells]

    @property
    def cells(self) -> Cells:
        """Return the cells as they are now."""
        return self.stages[-1]


class RecordingStore(SQLiteStore):
    """A store in memory that remembers which cells were ever written."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self._keys = set[Key]()

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        """Commit, and remember the keys."""
        super().commit(writes, expected)
        self._keys.update(writes)

    def cells(self) -> Cells:
        """Return all cells."""
        return {key: cell.data for key, cell in self.get(self._keys).items()}


def live(ledger: str, transactions: int = 1000) -> Past:
    """Let a ledger live through so many transactions, in memory, which is faster: its commits write the same cells."""
    store, stages = RecordingStore(), list[Cells]()
    created = settings.create(store, ledger, strands=_STRANDS)
    with connect(ledger, store) as driver:
        driver.execute_lambda(lambda txn: txn.execute_statement(f"CREATE TABLE {TABLE}"))
        driver.execute_lambda(lambda txn: txn.execute_statement(f"CREATE INDEX ON {TABLE} (email)"))
        for number in range(transactions):
            driver.execute_lambda(lambda txn, number=number: _transact(txn, number))
            if (number + 1) % (transactions // STAGES) == 0:
                stages.append(store.cells())
    store.close()
    return Past(created, stages)


def _transact(txn: Any, number: int) -> None:
    email = f"account{number % _ACCOUNTS}@example.com"
    if number < _ACCOUNTS:
        txn.execute_statement(f"INSERT INTO {TABLE} ?", {"email": email, "CurrentBalance": 100})
    else:
        change = f"UPDATE {TABLE} SET CurrentBalance = CurrentBalance + ? WHERE email = ?"  # noqa: S608 - a constant
        txn.execute_statement(change, 1 + random.randrange(_MOST), email)  # noqa: S311 - any will do
