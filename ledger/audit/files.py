"""Where an auditor keeps what it knows, and its reports: out of reach of whoever can write to the ledger's table."""

from datetime import datetime
from pathlib import Path
from shutil import copyfile
from typing import Any, Protocol

from botocore.exceptions import ClientError

_NOT_THERE = {"404", "NoSuchKey"}


class AuditFiles(Protocol):
    """One file with the auditor's state, and the reports of its runs."""

    def fetch_state(self, path: Path) -> bool:
        """Copy the state to `path`; `False` if there is none."""

    def keep_state(self, path: Path) -> None:
        """Keep the state that is in `path`, in place of the one before."""

    def add_report(self, date: datetime, text: str) -> None:
        """Keep a report."""


class FolderAuditFiles:
    """The files of an auditor in a folder, laid out as in a bucket."""

    def __init__(self, folder: Path, ledger: str) -> None:
        """Use a folder; it is made when first written to."""
        self._folder = folder
        self._ledger = ledger

    def fetch_state(self, path: Path) -> bool:
        """Copy the state to `path`."""
        kept = self._folder / state_key(self._ledger)
        if kept.exists():
            copyfile(kept, path)
        return kept.exists()

    def keep_state(self, path: Path) -> None:
        """Keep the state that is in `path`."""
        kept = self._folder / state_key(self._ledger)
        kept.parent.mkdir(parents=True, exist_ok=True)
        scratch = kept.with_suffix(".new")
        copyfile(path, scratch)
        scratch.replace(kept)

    def add_report(self, date: datetime, text: str) -> None:
        """Write a report."""
        path = self._folder / report_key(self._ledger, date)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class S3AuditFiles:
    """The files of an auditor in a bucket. Rights: s3:GetObject, s3:PutObject, and s3:ListBucket to be told of none."""

    def __init__(self, client: Any, bucket: str, ledger: str, *, owner: str | None = None) -> None:
        """Use a bucket through a boto3 S3 client.

        Args:
            owner: the account that MUST own the bucket; S3 refuses all calls if another does.
        """
        self._client = client
        self._bucket = bucket
        self._options = {"ExpectedBucketOwner": owner} if owner else {}
        self._ledger = ledger

    def fetch_state(self, path: Path) -> bool:
        """Download the state."""
        try:
            self._client.download_file(self._bucket, state_key(self._ledger), str(path), ExtraArgs=self._options)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return False
            raise
        return True

    def keep_state(self, path: Path) -> None:
        """Upload the state."""
        self._client.upload_file(str(path), self._bucket, state_key(self._ledger), ExtraArgs=self._options)

    def add_report(self, date: datetime, text: str) -> None:
        """Write a report."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=report_key(self._ledger, date),
            Body=text.encode(),
            ContentType="application/json",
            **self._options,
        )


def state_key(ledger: str) -> str:
    """Return the key of the state."""
    return f"{ledger}/audits/state.db"


def report_key(ledger: str, date: datetime) -> str:
    """Return the key of a report, such as `captable1/audits/2026/07/30/101500.123.json`: by day, in their order."""
    return f"{ledger}/audits/{date:%Y/%m/%d/%H%M%S}.{date.microsecond // 1000:03d}.json"
