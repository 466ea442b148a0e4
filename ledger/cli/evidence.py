"""Where evidence outside a ledger is, as the command line says it: `--digests`, `--audits`, and whose keys count."""

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.audit.reports import FolderReports, Reports, S3Reports
from ledger.cli.errors import UsageError
from ledger.notary.archive import Archive, FolderArchive
from ledger.verification.ecdsa import PublicKey

if TYPE_CHECKING:
    from ledger.console.evidence import Evidence, TrustedKey

_S3 = "s3://"


def add_evidence_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where notarised digests and the auditor's reports are."""
    place = "s3://BUCKET|DIR"
    parser.add_argument("--digests", metavar=place, help="where the notarised digests are")
    parser.add_argument("--audits", metavar=place, help="where the auditor's reports are (default: with the digests)")
    parser.add_argument(
        "--public-key", metavar="FILE", type=Path, action="append", default=[], help="whose signature counts, in PEM"
    )
    parser.add_argument(
        "--kms-key", metavar="ARN", action="append", default=[], help="the same, asked of KMS; both may be repeated"
    )


def opened_evidence(options: argparse.Namespace) -> "Evidence":
    """Open what the arguments name; nothing is read yet but the files of keys.

    Raises:
        UsageError: a place or a key is none.
    """
    from ledger.console.evidence import Evidence, TrustedKey  # noqa: PLC0415 - other commands have no use of it

    audits = options.audits or options.digests
    given = [TrustedKey(path.name, _key(path)) for path in options.public_key]

    @cache
    def keys() -> "tuple[TrustedKey, ...]":
        return (*given, *(TrustedKey(arn, _kms_key(arn)) for arn in options.kms_key))

    return Evidence(
        digests_place=options.digests,
        archive=options.digests and _archive(options.digests),
        audits_place=audits,
        reports=audits and _reports(audits),
        trusted=keys,
    )


def _archive(place: str) -> Callable[[str], Archive]:
    bucket = _bucket("--digests", place)
    if bucket is None:
        return lambda ledger: FolderArchive(Path(place), ledger)
    from ledger.notary.s3 import S3Archive  # noqa: PLC0415 - it needs boto3

    client = _client("s3")
    return lambda ledger: S3Archive(client, bucket, ledger)


def _reports(place: str) -> Callable[[str], Reports]:
    bucket = _bucket("--audits", place)
    if bucket is None:
        return lambda ledger: FolderReports(Path(place), ledger)
    client = _client("s3")
    return lambda ledger: S3Reports(client, bucket, ledger)


def _bucket(option: str, place: str) -> str | None:
    """Return the bucket that a place names; `None` if it is a folder."""
    if not place.startswith(_S3):
        if not Path(place).is_dir():
            raise UsageError(f"{option} is {place!r}; it must be s3://BUCKET, or a folder that is there")
        return None
    bucket = place.removeprefix(_S3)
    if not bucket or "/" in bucket:
        raise UsageError(f"{option} is {place!r}; it must be s3://BUCKET, without a folder behind it")
    return bucket


def _key(path: Path) -> PublicKey:
    try:
        return PublicKey.from_pem(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise UsageError(f"--public-key {path}: {error}") from error


def _kms_key(arn: str) -> PublicKey:
    from ledger.notary.signing import kms_public_key  # noqa: PLC0415 - it needs boto3

    return kms_public_key(_client("kms"), arn)


def _client(service: str) -> Any:
    import boto3  # noqa: PLC0415

    return boto3.client(service)
