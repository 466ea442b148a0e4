"""Where a drill takes place: a ledger that is written to behind its back, and what watches over it."""

from collections.abc import Mapping
from typing import Any, Protocol

from ledger.store import Key, Store

Cells = Mapping[Key, bytes]
"""All cells of a ledger."""

Writes = Mapping[Key, bytes | None]
"""What is put into cells; `None` deletes one."""

Report = Mapping[str, Any]
"""The report of an audit, as the auditor keeps it."""


class Ground(Protocol):
    """A ledger in its store, and what its owner cannot reach: the archive of digests, the auditor and its notes.

    Attributes:
        store: as the ledger and its clients use it.
    """

    ledger: str
    store: Store

    def cells(self) -> Cells:
        """Return all cells, read past the ledger."""

    def write(self, writes: Writes) -> None:
        """Write cells as whoever can write to the table would: whatever is there, and past the ledger."""

    def notarise(self) -> str:
        """Have the digest notarised; return why the notary refuses, empty if it does not."""

    def audit(self, *, anew: bool = False) -> Report:
        """Have the ledger audited once, all of it; return the report."""

    def notes(self) -> bytes | None:
        """Return what the auditor keeps from run to run."""

    def write_notes(self, notes: bytes | None) -> None:
        """Put something else in its place."""

    def digest(self, number: int) -> bytes:
        """Return a notarised digest."""

    def write_digest(self, number: int, data: bytes) -> None:
        """Put something over a notarised digest, or in the place of the next."""

    def remove_digest(self, number: int) -> str:
        """Remove a notarised digest as far as that can be done; return what kept it from being done wholly."""
