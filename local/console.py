"""What the person at the terminal sees: one line a step, with the time it has taken so far."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_QUIET_SECONDS = 1.0
_REFRESH_SECONDS = 0.5
_CLEAR = "\r\033[K"


def say(line: str = "") -> None:
    """Print `line` at once, also when the output goes to a pipe."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Print an error of one line where errors belong."""
    print(f"error: {line}", file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show `title` if the block takes over a second: a running clock on a terminal, two plain lines in a pipe.

    Nothing is shown of a shorter step. A step that fails leaves its line without `done`.
    """
    started, finished = time.monotonic(), threading.Event()
    clock = threading.Thread(target=_show, args=(title, started, finished), daemon=True)
    clock.start()
    try:
        yield
    except BaseException:
        _close(clock, finished, "")
        raise
    seconds = time.monotonic() - started
    _close(clock, finished, f"{title}: done in {seconds:.0f} s" if seconds >= _QUIET_SECONDS else "")


def _show(title: str, started: float, finished: threading.Event) -> None:
    if finished.wait(_QUIET_SECONDS):
        return
    if not sys.stdout.isatty():
        say(f"{title} ...")
        return
    while not finished.is_set():
        print(f"{_CLEAR}{title} ... {time.monotonic() - started:.0f} s", end="", flush=True)
        finished.wait(_REFRESH_SECONDS)
    print(_CLEAR, end="", flush=True)


def _close(clock: threading.Thread, finished: threading.Event, last_line: str) -> None:
    finished.set()
    clock.join()
    if last_line:
        say(last_line)
