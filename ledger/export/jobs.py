"""Exports as the ledger keeps them: a cell for each, and one that lists those that run.

The list is changed together with the job's own cell, by compare-and-set; so no more run than may, whoever starts them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from ledger import clock, ion
from ledger.clock import Clock
from ledger.export.bucket import Bucket, refused_as_parameter
from ledger.export.errors import ExportNotFoundError, TooManyExportsError
from ledger.export.formats import encode
from ledger.export.progress import progress_partition
from ledger.export.request import ExportDescription, ExportRequest, OutputFormat, Status
from ledger.ids import new_id
from ledger.record import pack, unpack
from ledger.settings import Settings
from ledger.store.base import Cell, Conflict, Key, Store

MOST_RUNNING = 2
KEPT = timedelta(days=7)
_RUNNING = Key("exports", "running")
_AT_ONCE = 25


def start_export(
    store: Store, settings: Settings, request: ExportRequest, client: Any, *, now: Clock = clock.now
) -> ExportDescription:
    """Start an export: write its first manifest, which shows that the bucket can be written, and note the job.

    The work is done by `run_export`, by whoever comes to it.

    Args:
        client: a boto3 S3 client.

    Raises:
        InvalidParameterException: the request cannot be carried out, or S3 refuses.
        TooManyExportsError: two exports of the ledger are running.
    """
    began = now()
    job = ExportDescription(settings.name, new_id(), began, request.checked(settings.created, began))
    if len(_running(store)[0]) >= MOST_RUNNING:
        raise TooManyExportsError(MOST_RUNNING)
    _forget_expired(store, began)
    with refused_as_parameter():
        Bucket(client, job.request).put(f"{job.export_id}.started.manifest", _started_manifest(job))

    def added(running: list[str]) -> list[str]:
        if len(running) >= MOST_RUNNING:
            raise TooManyExportsError(MOST_RUNNING)
        return [*running, job.export_id]

    _change(store, job, None, added)
    return job


def describe_export(store: Store, export_id: str, *, now: Clock = clock.now) -> ExportDescription:
    """Return an export.

    Raises:
        ExportNotFoundError: there is none, or it ended more than seven days ago.
    """
    cell = store.get([_key(export_id)]).get(_key(export_id))
    job = None if cell is None else ExportDescription.from_cell(cell.data)
    if job is None or _is_expired(job, now()):
        raise ExportNotFoundError(export_id)
    return job


def list_exports(store: Store, *, now: Clock = clock.now) -> list[ExportDescription]:
    """Return the exports of a ledger, oldest first."""
    jobs = [ExportDescription.from_cell(cell.data) for _, cell in store.scan("export")]
    return sorted((job for job in jobs if not _is_expired(job, now())), key=lambda job: (job.created, job.export_id))


def end_export(store: Store, export_id: str, status: Status, ended: datetime) -> ExportDescription:
    """Note that an export is completed or cancelled; one that has ended already is left as it is."""
    key = _key(export_id)
    while True:
        cell = store.get([key]).get(key)
        if cell is None:
            raise ExportNotFoundError(export_id)
        job = ExportDescription.from_cell(cell.data)
        if job.status is not Status.IN_PROGRESS:
            return job
        changed = job._replace(status=status, ended=ended)
        try:
            _change(store, changed, cell, lambda running: [each for each in running if each != export_id])
        except Conflict:
            continue
        return changed


def _change(store: Store, job: ExportDescription, cell: Cell | None, change: Callable[[list[str]], list[str]]) -> None:
    key = _key(job.export_id)
    while True:
        running, version = _running(store)
        writes = {key: job.to_cell(), _RUNNING: pack(change(running))}
        try:
            return store.commit(writes, {key: None if cell is None else cell.version, _RUNNING: version})
        except Conflict as conflict:
            if key in conflict.keys:
                raise


def _running(store: Store) -> tuple[list[str], int | None]:
    cell = store.get([_RUNNING]).get(_RUNNING)
    return ([], None) if cell is None else (unpack(cell.data)[0], cell.version)


def _key(export_id: str) -> Key:
    return Key("export", export_id)


def _is_expired(job: ExportDescription, now: datetime) -> bool:
    return job.ended is not None and now - job.ended > KEPT


def _forget_expired(store: Store, now: datetime) -> None:
    for key, cell in list(store.scan("export")):
        if _is_expired(ExportDescription.from_cell(cell.data), now):
            for batch in _batches(store, progress_partition(key.sort)):
                store.commit(dict.fromkeys(batch), dict(batch))
            store.commit({key: None}, {key: cell.version})


def _batches(store: Store, partition: str) -> Iterator[dict[Key, int]]:
    while batch := {key: cell.version for key, cell in store.scan(partition, limit=_AT_ONCE)}:
        yield batch


def _started_manifest(job: ExportDescription) -> bytes:
    request = job.request
    fields = {
        "ledgerName": job.ledger,
        "exportId": job.export_id,
        "inclusiveStartTime": clock.to_ion(request.start),
        "exclusiveEndTime": clock.to_ion(request.end),
        "bucket": request.bucket,
        "prefix": request.prefix,
        "objectEncryptionType": str(request.encryption),
    }
    named = {} if request.output_format is None else {"outputFormat": str(request.output_format)}
    return encode(ion.struct((fields | named).items()), request.output_format or OutputFormat.ION_TEXT)
