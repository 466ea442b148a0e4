"""What was typed, kept for the next time in a file that nobody else reads."""

import os
import sys
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory


class PrivateHistory(FileHistory):
    """A history in a file with mode 0600, without what begins with a space."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, and make it and its folder if they are not there.

        Raises:
            OSError: the file cannot be made, or it is somebody else's.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        super().__init__(str(path))

    def append_string(self, string: str) -> None:
        """Keep `string`, unless it begins with a space."""
        if not string.startswith(" "):
            super().append_string(string)


def history_path() -> Path:
    """Return where the history is: in the user's folder for state (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "ledger" / "query-history"


def opened_history(*, record: bool) -> History:
    """Return the history; one that is forgotten with the shell if it is not to be recorded, or cannot be."""
    if record:
        path = history_path()
        try:
            return PrivateHistory(path)
        except OSError as error:
            print(f"no history is kept: {path}: {error.strerror}", file=sys.stderr)
    return InMemoryHistory()
