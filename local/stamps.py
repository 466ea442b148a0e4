"""Which steps of the set-up are done: a step is done when its stamp has the digest of everything it depends on.

A stamp lies inside what its step makes, so that removing the one removes the other.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import console

_UNFINISHED = "unfinished"


class Stamp:
    """The mark of one step in `directory`, for the files and words in `inputs`."""

    def __init__(self, directory: Path, *inputs: Path | str) -> None:
        self._file = directory / ".set-up"
        self._digest = digest(*inputs)

    def is_done(self) -> bool:
        """Tell whether the step ended well with the same inputs."""
        return self._read() == self._digest

    def was_interrupted(self) -> bool:
        """Tell whether the step was started and never ended, so that what it left cannot be trusted."""
        return self._read() == _UNFINISHED

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Mark the step unfinished, and done when the block has ended without an exception."""
        self._write(_UNFINISHED)
        yield
        self._write(self._digest)

    def _read(self) -> str:
        try:
            return self._file.read_text()
        except OSError:
            return ""

    def _write(self, text: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(text)


def digest(*inputs: Path | str) -> str:
    """Return the SHA-256 of the contents of files and of words, in this order, in hex."""
    total = hashlib.sha256()
    for item in inputs:
        data = item.read_bytes() if isinstance(item, Path) else item.encode()
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold the file lock `lock` during the block; wait for the process that has it, and say so.

    Programs that `process.run` starts inherit it: an installer whose starter was killed keeps the next set-up waiting.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        os.set_inheritable(file.fileno(), True)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with console.step("waiting for another set-up in this folder"):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
