"""How far an export has come: a cell for each object that is in the bucket, and one for each strand that is done."""

from collections.abc import Iterator
from contextlib import suppress

from ledger.export.blocks import DataObject
from ledger.record import pack, unpack
from ledger.store.base import Conflict, Key, Store

_DIGITS = 20
_DONE = "~"


def progress_partition(export_id: str) -> str:
    """Return where the progress of an export is kept."""
    return f"export/{export_id}"


def count_objects(store: Store, export_id: str) -> int:
    """Return how many data objects of an export are in the bucket."""
    return sum(not key.sort.endswith(_DONE) for key, _ in store.scan(progress_partition(export_id)))


class StrandProgress:
    """What is done of one strand. Several workers may do the same work: it comes out the same."""

    def __init__(self, store: Store, export_id: str, strand_id: str) -> None:
        self._store = store
        self._partition = progress_partition(export_id)
        self._prefix = f"{strand_id}/"

    def is_done(self) -> bool:
        """Tell whether the strand's completed manifest is in the bucket."""
        return bool(self._store.get([self._done_key]))

    def next_sequence_no(self) -> int | None:
        """Return the block behind the last object; `None` if there is no object yet."""
        last = self._store.scan(self._partition, start=self._prefix, stop=self._done_key.sort, reverse=True, limit=1)
        for _, cell in last:
            return int(unpack(cell.data)[0]["last"]) + 1
        return None

    def keys(self) -> Iterator[str]:
        """Give the keys of the objects, in the order of their blocks."""
        for _, cell in self._store.scan(self._partition, start=self._prefix, stop=self._done_key.sort):
            yield unpack(cell.data)[0]["key"]

    def add(self, made: DataObject, key: str) -> None:
        """Note that an object is in the bucket."""
        self._note(Key(self._partition, f"{self._prefix}{made.first:0{_DIGITS}d}"), {"key": key, "last": made.last})

    def finish(self) -> None:
        """Note that the strand is done."""
        self._note(self._done_key, {})

    @property
    def _done_key(self) -> Key:
        return Key(self._partition, self._prefix + _DONE)

    def _note(self, key: Key, value: dict[str, object]) -> None:
        # Only once the object is in the bucket: a kill in between costs a second upload of the same.
        with suppress(Conflict):
            self._store.commit({key: pack(value)}, {key: None})
