"""A stream's cell: its description, how far it has come, and who is at work on it; and the list of the live ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ledger import clock
from ledger.journal.revision import BlockAddress
from ledger.record import pack, unpack
from ledger.store.base import Conflict, Key, OutcomeUnknown, Store
from ledger.stream.description import ErrorCause, Status, StreamDescription, StreamRequest
from ledger.stream.errors import StreamNotFoundError

LIVE = Key("streams", "live")
_PARTITION = "stream"


class Lease(NamedTuple):
    """Who is at work on a stream, and until when others leave it alone. It saves work; nothing rests on it."""

    holder: str
    until: datetime


class Job(NamedTuple):
    """A stream as its cell has it.

    Attributes:
        cursor: by strand, the sequence number of the first block that may not be in Kinesis yet; empty until the
            stream's first record is there.
    """

    description: StreamDescription
    cursor: Mapping[str, int] = {}
    lease: Lease | None = None

    def to_cell(self) -> bytes:
        """Return the bytes of the job's cell."""
        description = self.description
        request = description.request
        times = {"created": clock.write(description.created), "ended": _written(description.ended)}
        asked = request._asdict() | {"start": clock.write(request.start), "end": _written(request.end)}
        lease = self.lease and {"holder": self.lease.holder, "until": clock.write(self.lease.until)}
        return pack({**description._asdict(), **times, "request": asked, "cursor": dict(self.cursor), "lease": lease})

    @staticmethod
    def from_cell(data: bytes) -> "Job":
        """Return the job that `to_cell` wrote."""
        header, _ = unpack(data)
        cursor, lease = header.pop("cursor"), header.pop("lease")
        asked = header["request"]
        request = StreamRequest(**asked | {"start": clock.read(asked["start"]), "end": _read(asked["end"])})
        known: dict[str, Any] = header | {
            "created": clock.read(header["created"]),
            "request": request,
            "status": Status(header["status"]),
            "error_cause": header["error_cause"] and ErrorCause(header["error_cause"]),
            "ended": _read(header["ended"]),
            "too_large": tuple(BlockAddress(*address) for address in header["too_large"]),
        }
        held = lease and Lease(lease["holder"], clock.read(lease["until"]))
        return Job(StreamDescription(**known), cursor, held)


def all_jobs(store: Store) -> list[Job]:
    """Return every stream that the ledger ever had."""
    return [Job.from_cell(cell.data) for _, cell in store.scan(_PARTITION)]


def load_job(store: Store, stream_id: str) -> tuple[Job, int]:
    """Return a stream as its cell has it, and the cell's version.

    Raises:
        StreamNotFoundError: there is no such stream.
    """
    key = _key(stream_id)
    cell = store.get([key]).get(key)
    if cell is None:
        raise StreamNotFoundError(stream_id)
    return Job.from_cell(cell.data), cell.version


def save_job(store: Store, job: Job, version: int | None) -> None:
    """Write a stream's cell over the `version` that was read.

    Raises:
        Conflict: it has changed since.
    """
    _commit(store, job, version, {}, {})


def begin_job(store: Store, job: Job, live: Mapping[str, str], live_version: int | None) -> None:
    """Write a new stream's cell, and add it to the list of those that are `live`.

    Raises:
        Conflict: the list has changed since.
    """
    description = job.description
    added = {**live, description.request.name: description.stream_id}
    _commit(store, job, None, {LIVE: pack(added)}, {LIVE: live_version})


def end_job(store: Store, job: Job, version: int, status: Status, ended: datetime) -> StreamDescription:
    """Note that a stream has ended.

    Raises:
        Conflict: its cell has changed since `version` was read.
    """
    description = job.description._replace(status=status, ended=ended, error_cause=None)
    while True:
        live, live_version = live_streams(store)
        left = {name: stream_id for name, stream_id in live.items() if stream_id != description.stream_id}
        over = job._replace(description=description, lease=None)
        try:
            _commit(store, over, version, {LIVE: pack(left)}, {LIVE: live_version})
        except Conflict as conflict:
            if _key(description.stream_id) in conflict.keys:
                raise
        else:
            return description


def live_streams(store: Store) -> tuple[dict[str, str], int | None]:
    """Return the ids of the live streams by their names, and the version of that list."""
    cell = store.get([LIVE]).get(LIVE)
    return ({}, None) if cell is None else (unpack(cell.data)[0], cell.version)


def _commit(
    store: Store, job: Job, version: int | None, writes: Mapping[Key, bytes], expected: Mapping[Key, int | None]
) -> None:
    key, data = _key(job.description.stream_id), job.to_cell()
    try:
        store.commit({key: data, **writes}, {key: version, **expected})
    except (Conflict, OutcomeUnknown):
        # The answer may have been lost, and the commit repeated below us: what we would have written is then there.
        cell = store.get([key]).get(key)
        if cell is None or cell.data != data:
            raise


def _key(stream_id: str) -> Key:
    return Key(_PARTITION, stream_id)


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else clock.write(instant)


def _read(text: str | None) -> datetime | None:
    return None if text is None else clock.read(text)
