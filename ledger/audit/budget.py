"""How long a run of the auditor may take, and being stopped between two steps."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Budget(NamedTuple):
    """How long a run may take.

    Attributes:
        seconds: after so many it stops, wherever it is; fetching and keeping what it knows is part of them.
        rolling_seconds: for checking again what was checked before, once what is new is done.
    """

    seconds: float = float("inf")
    rolling_seconds: float = float("inf")


class OutOfTimeError(Exception):
    """The time is used up."""


class Stopwatch:
    """Stops work that tells of its progress."""

    def __init__(self, seconds: float) -> None:
        """Begin, with so much time."""
        self._begun = time.monotonic()
        self._end = self._begun + seconds

    @property
    def seconds(self) -> float:
        """Return how much time was used."""
        return time.monotonic() - self._begun

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Leave so much time for the block, or what is left if that is less."""
        end = self._end
        self._end = min(end, time.monotonic() + seconds)
        try:
            yield
        finally:
            self._end = end

    def reserve(self, seconds: float) -> None:
        """Stop so much earlier, for what is to be done afterwards."""
        self._end -= seconds

    def progress(self, what: str, done: int, total: int) -> None:  # noqa: ARG002 - a `Progress`
        """Stop the work if its time is used up.

        Raises:
            OutOfTimeError: it is.
        """
        if time.monotonic() >= self._end:
            raise OutOfTimeError

    def run(self, work: Callable[[], None], save: Callable[[], None]) -> bool:
        """Do some work; if it is stopped, save what was done and return `False`."""
        try:
            work()
        except OutOfTimeError:
            save()
            return False
        return True
