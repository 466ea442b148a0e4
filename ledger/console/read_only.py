"""A store that can be read and not written, under a console that was not started with --writable."""

from collections.abc import Iterable, Iterator, Mapping

from ledger.console.errors import ReadOnlyException
from ledger.store import Cell, Key, Store


class ReadOnlyStore:
    """Reads from a store; whatever would write to it fails here."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def reads(self) -> int:
        """Cells handed to the calling thread so far."""
        return self._store.reads

    @property
    def writes(self) -> int:
        """Return 0."""
        return 0

    def get(self, keys: Iterable[Key]) -> dict[Key, Cell]:
        """Read cells by key; see `Store.get`."""
        return self._store.get(keys)

    def scan(
        self,
        partition: str,
        *,
        start: str | None = None,
        stop: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[Key, Cell]]:
        """Read a range of a partition; see `Store.scan`."""
        return self._store.scan(partition, start=start, stop=stop, reverse=reverse, limit=limit)

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        """Check that what was read holds at one instant; see `Store.commit`.

        Raises:
            ReadOnlyException: there is something to write.
        """
        if writes:
            raise ReadOnlyException
        self._store.commit({}, expected)

    def scrub(self) -> None:
        """Raise ReadOnlyException: it would write over what was erased."""
        raise ReadOnlyException

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()
