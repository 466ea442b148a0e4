"""The folder that a run works in, and what runs that were killed have left of theirs."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "ledger-audit-"
_STALE_SECONDS = 20 * 60
"""Longer than a function may run; and a run writes into its folder all the time."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder, removed in the end.

    Who is killed removes nothing, and a function's disk outlives its calls: a few states of a large ledger would fill
    it. So what is left of others is removed first.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(folder)
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        yield Path(name)
