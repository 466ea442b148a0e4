"""Exports to S3 over HTTP: started by a request, run by a thread, taken up again after a restart."""

import logging
import threading
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ledger import clock
from ledger.errors import ApiError, InvalidParameterException
from ledger.export import (
    Encryption,
    ExportDescription,
    ExportRequest,
    OutputFormat,
    Status,
    describe_export,
    list_exports,
    run_export,
    start_export,
)
from ledger.ledger import Ledger
from ledger.server import bodies
from ledger.server.call import Call, Result
from ledger.server.clients import NewClient
from ledger.server.journals import active_ledger
from ledger.server.paging import page, page_start
from ledger.server.registry import Registry
from ledger.store.base import StoreError

_LOG = logging.getLogger(__name__)
_Choice = TypeVar("_Choice", bound=StrEnum)


class Exports:
    """The operations, each from a call to its result."""

    def __init__(self, registry: Registry, s3: NewClient) -> None:
        """Serve the ledgers of `registry`.

        Args:
            s3: gives a client for S3.
        """
        self._registry = registry
        self._s3 = s3
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def export_journal(self, call: Call) -> Result:
        """ExportJournalToS3."""
        ledger, request = active_ledger(self._registry, call.ledger_name), _request(call.members)
        try:
            job = start_export(ledger.store, ledger.settings, request, self._s3())
        except BotoCoreError as error:
            raise InvalidParameterException(
                f"QLDB encountered an error validating S3 configuration: {error}", "S3ExportConfiguration"
            ) from error
        self._run(ledger, job)
        return {"ExportId": job.export_id}

    def describe_export(self, call: Call) -> Result:
        """DescribeJournalS3Export."""
        ledger = active_ledger(self._registry, call.ledger_name)
        job = describe_export(ledger.store, call.path["id"])
        self._run(ledger, job)
        return {"ExportDescription": job.to_api()}

    def list_exports_of_ledger(self, call: Call) -> Result:
        """ListJournalS3ExportsForLedger."""
        return self._page(call, self._jobs(active_ledger(self._registry, call.ledger_name)))

    def list_exports(self, call: Call) -> Result:
        """ListJournalS3Exports."""
        ledgers = (each.name for each in self._registry.active())
        return self._page(call, (job for name in ledgers for job in self._jobs(self._registry.open(name))))

    def _page(self, call: Call, jobs: Iterator[ExportDescription]) -> Result:
        start = page_start(call)
        later = (job for job in jobs if _position(job) > start)
        return page(call, "JournalS3Exports", later, ExportDescription.to_api, _position)

    def _jobs(self, ledger: Ledger) -> Iterator[ExportDescription]:
        for job in list_exports(ledger.store):
            self._run(ledger, job)
            yield job

    def _run(self, ledger: Ledger, job: ExportDescription) -> None:
        """Have the export done, unless it has ended or is being done: one that a server left undone goes on here."""
        with self._lock:
            if job.status is not Status.IN_PROGRESS or job.export_id in self._running:
                return
            self._running.add(job.export_id)
        # A daemon: an export is taken up again where it was, so the server need not wait for it when it ends.
        threading.Thread(target=self._work, args=(ledger, job.export_id), name="export", daemon=True).start()

    def _work(self, ledger: Ledger, export_id: str) -> None:
        try:
            run_export(ledger.store, ledger.settings, export_id, self._s3())
        except (ApiError, BotoCoreError, ClientError, StoreError) as error:
            _LOG.warning("export %s of ledger %s: %s", export_id, ledger.name, error)
        finally:
            with self._lock:
                self._running.discard(export_id)


def _position(job: ExportDescription) -> str:
    return f"{job.ledger}/{clock.write(job.created)}/{job.export_id}"


def _request(members: Mapping[str, Any]) -> ExportRequest:
    configuration = bodies.structure(members, "S3ExportConfiguration") or {}
    encryption = bodies.structure(configuration, "EncryptionConfiguration") or {}
    output_format = bodies.text(members, "OutputFormat")
    return ExportRequest(
        start=bodies.required(bodies.instant(members, "InclusiveStartTime"), "InclusiveStartTime"),
        end=bodies.required(bodies.instant(members, "ExclusiveEndTime"), "ExclusiveEndTime"),
        bucket=bodies.required(bodies.text(configuration, "Bucket"), "Bucket"),
        prefix=bodies.text(configuration, "Prefix") or "",
        encryption=_choice(Encryption, bodies.text(encryption, "ObjectEncryptionType"), "ObjectEncryptionType"),
        kms_key=bodies.text(encryption, "KmsKeyArn"),
        output_format=None if output_format is None else _choice(OutputFormat, output_format, "OutputFormat"),
        role_arn=bodies.required(bodies.text(members, "RoleArn"), "RoleArn"),
    )


def _choice(choices: type[_Choice], text: str | None, name: str) -> _Choice:
    try:
        return choices(bodies.required(text, name))
    except ValueError:
        raise InvalidParameterException(f"{name} is {text!r}: give one of {', '.join(choices)}", name) from None
