"""A folder that all processes of one session of tests share; the last one that ends removes it."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4


class SharedFolder:
    """The folder itself; `alone` keeps the others from one name in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._users = (folder / "users").open("w")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        atexit.register(self._leave)

    @classmethod
    def of_the_session(cls) -> "SharedFolder":
        """Give the folder of this run of pytest, be it one process or several."""
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
        return cls(Path(tempfile.gettempdir()) / f"cdk-out-of-{run}")

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        self.folder.mkdir(exist_ok=True)
        with (self.folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _leave(self) -> None:
        with self._users, suppress(BlockingIOError):
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(self.folder, ignore_errors=True)
