"""Where a console's ledgers are, and a folder with a file for each."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from ledger.store import SQLiteStore, Store, Unusable

_SUFFIX = ".db"


class Place(Protocol):
    """Where ledgers are."""

    def names(self) -> Iterable[str]:
        """Give the names under which there may be a ledger. Raises StoreError if the place cannot be used."""

    def open(self, name: str) -> Store:
        """Open the store of a ledger that may be there."""

    def close(self) -> None:
        """Let go of what the stores share."""


class Folder:
    """A folder with a file NAME.db for each ledger. A server may use it at the same time."""

    def __init__(self, path: Path, named: Iterable[str] = ()) -> None:
        """Use a folder.

        Args:
            named: the ledgers to show; without any, all.
        """
        self._path = path
        self._named = frozenset(named)

    def names(self) -> Iterator[str]:
        """Give the names of the files."""
        if not self._path.is_dir():
            raise Unusable(f"{self._path} is no folder: give the one that holds the ledgers' files")
        found = (file.stem for file in self._path.glob(f"*{_SUFFIX}"))
        return (name for name in found if not self._named or name in self._named)

    def open(self, name: str) -> Store:
        """Open the file."""
        file = self._path / f"{name}{_SUFFIX}"
        if not file.is_file():
            raise Unusable(f"{file}: the file is gone")
        return SQLiteStore(file)

    def close(self) -> None:
        """Do nothing: nothing is shared."""
