"""Streams as they are started, described, listed and canceled.

Each has a cell, and one cell lists those that are live. Both change together, by compare-and-set; so no more are live
than may be, and no two of a name, whoever starts them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ledger import clock
from ledger.clock import Clock
from ledger.errors import InvalidParameterException
from ledger.ids import new_id
from ledger.settings import Settings
from ledger.store.base import Conflict, Store
from ledger.stream.description import Status, StreamDescription, StreamRequest
from ledger.stream.errors import StreamEndedError, StreamNotFoundError, TooManyStreamsError
from ledger.stream.job import Job, all_jobs, begin_job, end_job, live_streams, load_job
from ledger.stream.refusals import refused_as_parameter

MOST_LIVE = 5
KEPT = timedelta(days=7)


def start_stream(
    store: Store,
    settings: Settings,
    request: StreamRequest,
    client: Any,
    *,
    arn_prefix: str,
    now: Clock = clock.now,
) -> StreamDescription:
    """Start a stream: look whether its Kinesis stream is there, and note the job.

    The work is done by `forward`, by whoever comes to it.

    Args:
        client: a boto3 Kinesis client.
        arn_prefix: `arn:aws:qldb:<region>:<account>`, what the stream's ARN begins with.

    Raises:
        InvalidParameterException: the request cannot be carried out, a live stream has its name, or Kinesis refuses.
        TooManyStreamsError: five streams of the ledger are live.
    """
    began = now()
    checked = request.checked(settings.created, began)
    _check_room(live_streams(store)[0], checked)
    with refused_as_parameter():
        client.list_shards(StreamARN=checked.kinesis_arn, MaxResults=1)
    return begin_stream(store, settings, checked, arn_prefix, began)


def describe_stream(store: Store, stream_id: str, *, now: Clock = clock.now) -> StreamDescription:
    """Return a stream.

    Raises:
        StreamNotFoundError: there is none, or it ended more than seven days ago.
    """
    description = load_job(store, stream_id)[0].description
    if _is_expired(description, now()):
        raise StreamNotFoundError(stream_id)
    return description


def list_streams(store: Store, *, now: Clock = clock.now) -> list[StreamDescription]:
    """Return the streams of a ledger, oldest first."""
    shown = [job.description for job in all_jobs(store) if not _is_expired(job.description, now())]
    return sorted(shown, key=lambda each: (each.created, each.stream_id))


def cancel_stream(store: Store, stream_id: str, *, now: Clock = clock.now) -> StreamDescription:
    """End a stream for good, wherever it is; no record tells of it.

    Raises:
        StreamNotFoundError: there is no such stream.
        StreamEndedError: it has ended already.
    """
    describe_stream(store, stream_id, now=now)
    while True:
        job, version = load_job(store, stream_id)
        if not job.description.status.is_live:
            raise StreamEndedError(stream_id, job.description.status)
        try:
            return end_job(store, job, version, Status.CANCELED, now())
        except Conflict:
            continue


def begin_stream(
    store: Store, settings: Settings, request: StreamRequest, arn_prefix: str, began: datetime
) -> StreamDescription:
    """Note the job of a checked request.

    Raises:
        InvalidParameterException: a live stream has its name.
        TooManyStreamsError: five streams of the ledger are live.
    """
    stream_id = new_id()
    arn = f"{arn_prefix}:stream/{settings.name}/{stream_id}"
    job = Job(StreamDescription(settings.name, stream_id, arn, began, request))
    while True:
        live, version = live_streams(store)
        _check_room(live, request)
        try:
            begin_job(store, job, live, version)
        except Conflict:
            continue
        return job.description


def _check_room(live: Mapping[str, str], request: StreamRequest) -> None:
    if request.name in live:
        what = f"stream {live[request.name]} of this ledger has the name {request.name!r}: give another"
        raise InvalidParameterException(what, "StreamName")
    if len(live) >= MOST_LIVE:
        raise TooManyStreamsError(MOST_LIVE)


def _is_expired(description: StreamDescription, now: datetime) -> bool:
    return description.ended is not None and now - description.ended > KEPT
