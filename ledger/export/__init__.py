"""Exporting the journal to S3 as QLDB did: jobs that are started, described and listed, and the work itself.

QLDB guide, "Exporting journal data"; the choices made where it is silent are in `docs/export.md`.
"""

from ledger.export.errors import ExportError, ExportFailedError, ExportNotFoundError, TooManyExportsError
from ledger.export.jobs import MOST_RUNNING, describe_export, list_exports, start_export
from ledger.export.progress import count_objects
from ledger.export.request import Encryption, ExportDescription, ExportRequest, OutputFormat, Status
from ledger.export.worker import run_export

__all__ = [
    "MOST_RUNNING",
    "Encryption",
    "ExportDescription",
    "ExportError",
    "ExportFailedError",
    "ExportNotFoundError",
    "ExportRequest",
    "OutputFormat",
    "Status",
    "TooManyExportsError",
    "count_objects",
    "describe_export",
    "list_exports",
    "run_export",
    "start_export",
]
