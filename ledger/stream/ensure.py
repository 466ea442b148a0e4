"""The stream of a deployed forwarder: started when it first runs, and found again by its name ever after."""

from ledger import clock
from ledger.clock import Clock
from ledger.errors import InvalidParameterException
from ledger.settings import Settings
from ledger.store.base import Conflict, Store
from ledger.stream.description import StreamDescription, StreamRequest
from ledger.stream.job import all_jobs, live_streams, load_job, save_job
from ledger.stream.jobs import begin_stream


def ensure_stream(
    store: Store, settings: Settings, request: StreamRequest, *, arn_prefix: str, now: Clock = clock.now
) -> StreamDescription:
    """Return the stream of this name, started if there never was one.

    One that is live takes over `kinesis_arn`, `aggregated` and `end` of the request, and goes on where it is; another
    `start` changes nothing any more. One that has ended stays so: a stream under another name begins anew.

    Raises:
        InvalidParameterException: the request cannot be carried out.
        TooManyStreamsError: five other streams of the ledger are live.
    """
    while True:
        named = [job.description for job in all_jobs(store) if job.description.request.name == request.name]
        if named:
            newest = max(named, key=lambda each: (each.status.is_live, each.created))
            return _with_settings(store, newest, request)
        began = now()
        try:
            return begin_stream(store, settings, request.checked(settings.created, began), arn_prefix, began)
        except InvalidParameterException:
            # Another forwarder may have started it since we looked.
            if request.name not in live_streams(store)[0]:
                raise


def _with_settings(store: Store, known: StreamDescription, request: StreamRequest) -> StreamDescription:
    while True:
        job, version = load_job(store, known.stream_id)
        description = job.description
        end = request.end and max(clock.next_millisecond(request.end), description.request.start)
        wanted = description.request._replace(kinesis_arn=request.kinesis_arn, aggregated=request.aggregated, end=end)
        if wanted == description.request or not description.status.is_live:
            return description
        changed = description._replace(request=wanted)
        try:
            save_job(store, job._replace(description=changed), version)
        except Conflict:
            continue
        return changed
