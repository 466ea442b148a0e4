"""Export the journal to S3 as QLDB did, into any S3 endpoint.

Rights and endpoint are those of the environment (AWS_ENDPOINT_URL, or --endpoint-url). An export that is interrupted
goes on with --resume.
"""

import argparse
import json
import sys
from contextlib import closing
from typing import Any

from ledger import clock, export, settings
from ledger.cli.arguments import instant
from ledger.cli.aws import client_of
from ledger.cli.errors import UsageError
from ledger.cli.places import add_place_arguments, opened_store
from ledger.cli.progress import shown_progress
from ledger.export import Encryption, ExportDescription, ExportRequest, OutputFormat
from ledger.settings import Settings
from ledger.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser)
    parser.add_argument("--bucket", help="the bucket to write to")
    parser.add_argument("--prefix", default="", help="what the objects' keys begin with (default: nothing)")
    parser.add_argument("--from", dest="start", metavar="T", type=instant, help="first instant (default: the creation)")
    parser.add_argument("--to", dest="end", metavar="T", type=instant, help="first not to export (default: now)")
    parser.add_argument("--format", choices=[*OutputFormat], help="(default: ION_TEXT)")
    parser.add_argument("--encryption", choices=[*Encryption], default="NO_ENCRYPTION", help="(default: NO_ENCRYPTION)")
    parser.add_argument("--kms-key", metavar="ARN", help="the key for SSE_KMS (default: the bucket's)")
    parser.add_argument("--endpoint-url", metavar="URL", help="the S3 endpoint (default: that of the environment)")
    parser.add_argument("--resume", metavar="EXPORT_ID", help="go on with an export that was interrupted")
    parser.add_argument("--json", action="store_true", help="print the export as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Start an export, or go on with one, and wait for its end."""
    if (options.bucket is None) == (options.resume is None):
        raise UsageError("give --bucket to begin an export, or --resume EXPORT_ID to go on with one")
    with opened_store(options) as store, closing(client_of("s3", options.endpoint_url, attempts=5)) as client:
        ledger = settings.load(store, options.ledger)
        export_id = options.resume or export.start_export(store, ledger, _request(options, ledger), client).export_id
        print(f"export {export_id}; if it is interrupted, go on with --resume {export_id}", file=sys.stderr)
        with shown_progress() as progress:
            done = export.run_export(store, ledger, export_id, client, progress=progress)
        _tell(store, done, as_json=options.json)
    return 0 if done.status is export.Status.COMPLETED else 1


def _request(options: argparse.Namespace, ledger: Settings) -> ExportRequest:
    return ExportRequest(
        start=options.start or ledger.created,
        end=options.end or clock.now(),
        bucket=options.bucket,
        prefix=options.prefix,
        encryption=Encryption(options.encryption),
        kms_key=options.kms_key,
        output_format=options.format and OutputFormat(options.format),
    )


def _tell(store: Store, done: ExportDescription, *, as_json: bool) -> None:
    count = export.count_objects(store, done.export_id)
    if as_json:
        print(json.dumps({**done.to_api(), "Objects": count}, default=_shown))
    else:
        print(
            f"export {done.export_id}: {done.status}, {count} objects in s3://{done.request.bucket}/{done.request.prefix}"
        )


def _shown(instant: Any) -> str:
    return clock.write(instant)
