"""How far a long command has come, on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

_LINE_SECONDS = 10.0


@contextmanager
def shown_progress() -> "Iterator[Bar | Lines]":
    """Give what is to be told of each step; it is closed at the end, or before something else is printed."""
    shown = Bar() if sys.stderr.isatty() else Lines()
    try:
        yield shown
    finally:
        shown.close()


class Bar:
    """A bar for each thing that is done."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None
        self._what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that so much is done."""
        if self._bar is None or what != self._what:
            self.close()
            self._what, self._bar = what, tqdm(desc=what, total=total, file=sys.stderr, unit="")
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()


class Lines:
    """A line every ten seconds."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _LINE_SECONDS

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that so much is done."""
        if time.monotonic() >= self._next:
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)
            self._next = time.monotonic() + _LINE_SECONDS

    def close(self) -> None:
        """Do nothing."""
