"""Running an export: strand by strand, object by object, and from where it was if it was interrupted."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from ledger import clock
from ledger.audit.finding import Progress, no_progress
from ledger.clock import Clock
from ledger.export.blocks import data_objects
from ledger.export.bucket import Bucket, failed, is_final
from ledger.export.formats import encode
from ledger.export.jobs import describe_export, end_export
from ledger.export.progress import StrandProgress
from ledger.export.request import ExportDescription, OutputFormat, Status
from ledger.journal.revision import BlockAddress
from ledger.settings import Settings
from ledger.store.base import Store
from ledger.strand import SETTLING, first_sequence_no, tip


def run_export(
    store: Store,
    settings: Settings,
    export_id: str,
    client: Any,
    *,
    progress: Progress = no_progress,
    now: Clock = clock.now,
    sleep: Callable[[float], None] = time.sleep,
) -> ExportDescription:
    """Do what is left of an export, and return it as it is then; one that has ended is only returned.

    Raises:
        ExportNotFoundError: there is no such export.
        ExportFailedError: S3 refuses for good; the export is cancelled.
        ClientError: S3 fails for now; the export is in progress still, and can be run again.
        Corrupt: the journal is damaged; likewise.
    """
    job = describe_export(store, export_id, now=now)
    if job.status is not Status.IN_PROGRESS:
        return job
    sleep(_unsettled_seconds(store, settings, job, now()))
    work = _Work(store, settings, job, Bucket(client, job.request), progress)
    try:
        for strand_id in settings.strands:
            work.export_strand(strand_id)
    except ClientError as error:
        if not is_final(error):
            raise
        end_export(store, export_id, Status.CANCELLED, now())
        raise failed(error) from error
    return end_export(store, export_id, Status.COMPLETED, now())


def _unsettled_seconds(store: Store, settings: Settings, job: ExportDescription, now: datetime) -> float:
    """Return how long to wait until no block older than the export's end can come any more.

    A transaction takes the time for its block before it commits. Behind a block that is not older than the end, all
    others are not either; where there is none yet, only time can tell.
    """
    end = job.request.end
    if all(tip(store, strand_id).timestamp >= end for strand_id in settings.strands):
        return 0.0
    return max(0.0, (end + SETTLING - now).total_seconds())


class _Work:
    def __init__(
        self, store: Store, settings: Settings, job: ExportDescription, bucket: Bucket, progress: Progress
    ) -> None:
        self._store = store
        self._job = job
        self._format = job.request.output_format or OutputFormat.ION_TEXT
        self._bucket = bucket
        self._progress = progress
        self._ranges = {strand_id: self._range(strand_id) for strand_id in settings.strands}
        self._total = sum(stop - start for start, stop in self._ranges.values())
        self._done = 0

    def export_strand(self, strand_id: str) -> None:
        progress, (start, stop) = StrandProgress(self._store, self._job.export_id, strand_id), self._ranges[strand_id]
        if progress.is_done():
            self._tell(stop - start)
            return
        begin = progress.next_sequence_no() or start
        self._tell(begin - start)
        for made in data_objects(self._store, BlockAddress(strand_id, begin), self._job.request.end, self._format):
            progress.add(made, self._bucket.put(made.path, made.body))
            self._tell(made.last - made.first + 1)
        manifest = encode({"keys": list(progress.keys())}, self._format)
        self._bucket.put(f"{self._job.export_id}.{strand_id}.completed.manifest", manifest)
        progress.finish()

    def _range(self, strand_id: str) -> tuple[int, int]:
        request = self._job.request
        start = first_sequence_no(self._store, strand_id, request.start)
        return start, max(start, first_sequence_no(self._store, strand_id, request.end))

    def _tell(self, blocks: int) -> None:
        self._done += blocks
        self._progress("blocks", self._done, max(self._done, self._total))
