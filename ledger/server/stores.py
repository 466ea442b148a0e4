"""Where a server's ledgers are, and a folder with one SQLite file for each."""

import fcntl
from pathlib import Path
from typing import Protocol

from ledger.store import SQLiteStore, Store, Unusable

_SUFFIX = ".db"


class Stores(Protocol):
    """The stores of all ledgers in one place.

    Attributes:
        strands: how many strands a ledger that is made here gets.
    """

    strands: int

    def names(self) -> list[str]:
        """Return the names under which there may be a ledger."""

    def exists(self, name: str) -> bool:
        """Tell whether there may be a ledger of this name."""

    def open(self, name: str, *, create: bool = False) -> Store:
        """Open the store of a ledger that may exist, or make it."""

    def note(self, name: str) -> None:
        """See to it that `names` gives this one."""

    def remove(self, name: str, store: Store) -> None:
        """Delete a ledger that is marked as DELETING, for good. Done again after a crash, it goes on."""

    def close(self) -> None:
        """Let go of what the stores share."""


class FolderStores:
    """A file NAME.db for each ledger. A ledger that is deleted is a file removed."""

    strands = 1

    def __init__(self, folder: Path) -> None:
        """Use a folder, and make it if it is not there.

        Raises:
            Unusable: another server has it, or it cannot be made or written.
        """
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / ".serving").open("w")
            # A second server would go on with files that this one has removed.
            fcntl.flock(self._lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise Unusable(f"{folder}: another server has this folder; stop it, or give another folder") from None
        except OSError as error:
            raise Unusable(f"{folder}: {error.strerror}; give a folder that this process may write") from None

    def names(self) -> list[str]:
        """Return the names of the files."""
        return [path.stem for path in self._folder.glob(f"*{_SUFFIX}")]

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        return self._path(name).is_file()

    def open(self, name: str, *, create: bool = False) -> Store:
        """Open the file."""
        if not create and not self.exists(name):
            raise Unusable(f"{self._path(name)}: the file is gone")
        return SQLiteStore(self._path(name))

    def note(self, name: str) -> None:
        """Do nothing: the file is there."""

    def remove(self, name: str, store: Store) -> None:
        """Close the file and remove it."""
        store.close()
        # The file first: SQLite drops a log that it finds beside an empty database, so a crash here leaves no trace.
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path(name)}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Give the folder free for another server."""
        self._lock.close()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"
