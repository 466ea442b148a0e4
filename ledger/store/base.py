"""Cells and the one atomic commit: what every store keeps and promises.

A store keeps versioned cells, `(partition, sort) -> (version, data)`, and changes them by a multi-key compare-and-set.
The contract below is in MUST and MAY words; one test suite holds every store to it, also under injected faults.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol


class Key(NamedTuple):
    """Where a cell stands. Both parts are text that UTF-8 can encode; `sort` may be empty."""

    partition: str
    sort: str


class Cell(NamedTuple):
    """What a cell holds. `version` starts at 1 and grows by one with each write until the cell is deleted."""

    version: int
    data: bytes


class StoreError(Exception):
    """The root of everything a store raises, but for ValueError when it is called wrongly."""


class Conflict(StoreError):
    """Another commit changed what this one expected: nothing was written, read again and retry."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys = frozenset(keys)
        super().__init__(f"expected versions no longer hold for {_some(self.keys)}: read again and retry")


class OutcomeUnknown(StoreError):
    """The commit was sent and its answer lost: it happened wholly or not at all; look before you retry."""


class TooLarge(StoreError):
    """The commit is over a limit of this store: nothing was written, and a retry cannot help."""

    def __init__(self, what: str, got: int, limit: int) -> None:
        self.what, self.got, self.limit = what, got, limit
        super().__init__(f"{what}: got {got}, the limit is {limit}; split the transaction or make its values smaller")


class Throttled(StoreError):
    """The store was too busy for longer than its retries last: nothing was written, retry later."""


class Unavailable(StoreError):
    """The store could not be reached: nothing was written, retry later."""


class Unusable(StoreError):
    """The store refuses as it is set up (wrong file, no such table, no right, no space): a retry cannot help."""


class Corrupt(StoreError):
    """What is stored contradicts itself: stop, never retry, never swallow."""


class Store(Protocol):
    """Versioned cells with one atomic commit. A store MUST be safe for several threads and processes at once."""

    @property
    def reads(self) -> int:
        """Cells that `get` and `scan` have handed to the calling thread through this store so far."""

    @property
    def writes(self) -> int:
        """Cells that commits of the calling thread have put or deleted through this store so far."""

    def get(self, keys: Iterable[Key]) -> dict[Key, Cell]:
        """Read cells by key, each strongly consistent; absent ones are left out.

        The cells together MAY be of different moments: what relies on that MUST be given to `commit` as expected.

        Raises:
            StoreError: the cells cannot be read.
        """

    def scan(
        self,
        partition: str,
        *,
        start: str | None = None,
        stop: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[Key, Cell]]:
        """Read the cells of a partition with `start <= sort < stop`, ordered by the UTF-8 bytes of `sort`.

        Lazy: cells are read page by page as the iterator is pulled, each page strongly consistent. No transaction is
        held between pages, so a long scan is not a snapshot: a commit made meanwhile MAY be seen in part (its cells
        ahead of the scan are, those behind are not). No cell comes twice. At most `limit` cells are given.

        Raises:
            ValueError: `limit` is negative.
            StoreError: the cells cannot be read.
        """

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        """Write all cells or none, provided that every expected version holds at the instant of writing.

        Args:
            writes: new data by key; None deletes. A put cell gets the version `(expected or 0) + 1`. MAY be empty:
                then it is only checked that `expected` holds at one instant, and read rights suffice.
            expected: version by key that the cell MUST still have, None for absent. MUST hold every written key.

        A cell that is deleted and created again starts at version 1, so an expected version alone cannot tell it from
        its former life. Who deletes cells MUST guard them by a cell that only grows, or never use their keys again.

        Raises:
            ValueError: a written key is not in `expected`, or an expected version is less than 1.
            Conflict: at least one expected version does not hold; `keys` are those found out. Nothing is written.
            OutcomeUnknown: it cannot be told whether the commit took place.
            TooLarge: the commit is over a limit of this store. Nothing is written.
            Throttled: the store stayed too busy. Nothing is written.
            StoreError: any other failure. Nothing is written.
        """

    def scrub(self) -> None:
        """Overwrite what the store's own files still hold of replaced and deleted cells, as far as it can now."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is fine."""


class Usage(threading.local):
    """Counts of cells read and written, apart for each thread: a transaction takes the difference over its own work."""

    reads: int = 0
    writes: int = 0


class Counted:
    """Gives a store its `reads` and `writes`."""

    def __init__(self) -> None:
        self._usage = Usage()

    @property
    def reads(self) -> int:
        """Cells handed to the calling thread so far."""
        return self._usage.reads

    @property
    def writes(self) -> int:
        """Cells put or deleted by the calling thread so far."""
        return self._usage.writes


def check_commit(writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
    """Refuse a commit that breaks the rules of `Store.commit`, before anything is sent.

    Raises:
        ValueError: what is wrong, and with which key.
    """
    for key in writes:
        if key not in expected:
            raise ValueError(f"{key} is written but not in expected: give the version it must still have, or None")
    for key, version in expected.items():
        if version is not None and version < 1:
            raise ValueError(f"expected version of {key} is {version}: versions start at 1, None means absent")


def check_limit(limit: int | None) -> None:
    """Refuse a negative scan limit.

    Raises:
        ValueError: the limit is negative.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit is {limit}: give 0 or more, or None for all")


def _some(keys: frozenset[Key], most: int = 5) -> str:
    shown = ", ".join(f"{key.partition}:{key.sort}" for key in sorted(keys)[:most])
    return shown if len(keys) <= most else f"{shown} and {len(keys) - most} more"
