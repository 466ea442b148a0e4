"""Reading what an auditor has reported, the newest first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

_SUFFIX = ".json"


class Kept(NamedTuple):
    """A report as it is kept: its key, such as `captable1/audits/2026/07/30/101500.123.json`, and its text."""

    key: str
    text: bytes


class Reports(Protocol):
    """The reports of the audits of one ledger."""

    def newest(self) -> Iterator[Kept]:
        """Give the reports, the newest first, each read when it is asked for."""


class FolderReports:
    """Reports in a folder."""

    def __init__(self, folder: Path, ledger: str) -> None:
        """Use a folder, which need not be there."""
        self._folder = folder
        self._ledger = ledger

    def newest(self) -> Iterator[Kept]:
        """Give the reports, the newest first."""
        for path in sorted(self._folder.glob(f"{_prefix(self._ledger)}*/*/*/*{_SUFFIX}"), reverse=True):
            yield Kept(path.relative_to(self._folder).as_posix(), path.read_bytes())


class S3Reports:
    """Reports in a bucket. Rights: s3:ListBucket and s3:GetObject."""

    def __init__(self, client: Any, bucket: str, ledger: str) -> None:
        """Use a bucket through a boto3 S3 client."""
        self._client = client
        self._bucket = bucket
        self._ledger = ledger

    def newest(self) -> Iterator[Kept]:
        """Give the reports, the newest first: years, months and days are listed only as far as they are wanted."""
        for key in self._keys(_prefix(self._ledger)):
            yield Kept(key, bytes(self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()))

    def _keys(self, prefix: str) -> Iterator[str]:
        pages = list(
            self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix, Delimiter="/")
        )
        folders = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        for folder in sorted(folders, reverse=True):
            yield from self._keys(folder)
        yield from (key for key in sorted(keys, reverse=True) if key.endswith(_SUFFIX))


def _prefix(ledger: str) -> str:
    return f"{ledger}/audits/"
