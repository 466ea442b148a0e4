"""The archive in an S3 bucket with Object Lock, which may belong to another account.

A locked version cannot be removed, but a newer one can be put over it, and a delete marker in front of it. So versions
are listed, and always the oldest is read.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from ledger.notary.archive import Entry, digest_key, digests_prefix, public_key_key
from ledger.verification.ecdsa import PublicKey

_WRITTEN_BEFORE = {"PreconditionFailed", "ConditionalRequestConflict"}
_JSON, _PEM = "application/json", "application/x-pem-file"


class Retention(NamedTuple):
    """How long what is written cannot be removed.

    Attributes:
        mode: COMPLIANCE, nobody at all can; or GOVERNANCE, only who has the right to bypass it.
    """

    mode: str
    days: int

    def headers(self, now: datetime) -> dict[str, Any]:
        """Return the arguments of PutObject."""
        return {"ObjectLockMode": self.mode, "ObjectLockRetainUntilDate": now + timedelta(days=self.days)}


class S3Archive:
    """An `Archive` in a bucket.

    Rights: s3:ListBucketVersions and s3:GetObjectVersion; to write, s3:PutObject and s3:PutObjectRetention.
    """

    def __init__(
        self, client: Any, bucket: str, ledger: str, *, retention: Retention | None = None, owner: str | None = None
    ) -> None:
        """Use a bucket through a boto3 S3 client.

        Args:
            retention: of what is written; `None` for whoever only reads.
            owner: the account that MUST own the bucket; S3 refuses all calls if another does.
        """
        self._client = client
        self._bucket = {"Bucket": bucket, **({"ExpectedBucketOwner": owner} if owner else {})}
        self._ledger = ledger
        self._retention = retention

    def newest(self) -> Entry | None:
        """Return the entry with the highest number, from two listings."""
        listing = self._pages(Prefix=digests_prefix(self._ledger), Delimiter="/")
        groups = [each["Prefix"] for page in listing for each in page.get("CommonPrefixes", [])]
        # Something else may lie there too, which is no digest and hides none.
        for group in sorted(groups, reverse=True):
            entries = list(self._entries(group))
            if entries:
                return entries[-1]
        return None

    def entries(self, first: int) -> Iterator[Entry]:
        """Give the entries from a number on, a thousand a listing."""
        marker = {"KeyMarker": digest_key(self._ledger, first - 1)} if first else {}
        return (entry for entry in self._entries(digests_prefix(self._ledger), **marker) if entry.number >= first)

    def read(self, entry: Entry) -> bytes:
        """Return the version that was written first."""
        key = digest_key(self._ledger, entry.number)
        return bytes(self._client.get_object(Key=key, VersionId=entry.version, **self._bucket)["Body"].read())

    def locked_until(self, entry: Entry) -> datetime | None:
        """Return until when Object Lock keeps that version; `None` without the right s3:GetObjectRetention, too."""
        key = digest_key(self._ledger, entry.number)
        told = self._client.head_object(Key=key, VersionId=entry.version, **self._bucket)
        until: datetime | None = told.get("ObjectLockRetainUntilDate")
        return until

    def write(self, number: int, data: bytes) -> bool:
        """Write an entry under Object Lock; `False` if there is one."""
        return self._put(digest_key(self._ledger, number), data, _JSON)

    def publish(self, key: PublicKey) -> None:
        """Write the public key under Object Lock, unless it is there."""
        self._put(public_key_key(self._ledger, key), key.to_pem().encode(), _PEM)

    def _put(self, key: str, data: bytes, content_type: str) -> bool:
        locked = self._retention.headers(datetime.now(UTC)) if self._retention else {}
        try:
            # Of two notaries that write one number at once, S3 lets one through.
            self._client.put_object(
                Key=key,
                Body=data,
                ContentType=content_type,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                **locked,
                **self._bucket,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _WRITTEN_BEFORE:
                return False
            raise
        return True

    def _entries(self, prefix: str, **options: Any) -> Iterator[Entry]:
        versions = chain.from_iterable(map(_versions, self._pages(Prefix=prefix, **options)))
        for key, several in groupby(versions, key=lambda version: version[0]):
            name = key.rpartition("/")[2].removesuffix(".json")
            ids = [version_id for _, version_id in several]
            if name.isdecimal() and key == digest_key(self._ledger, int(name)):
                kept = [version_id for version_id in ids if version_id is not None]
                yield Entry(int(name), kept[-1] if kept else None, is_sole=len(ids) == 1)

    def _pages(self, **options: Any) -> Iterator[dict[str, Any]]:
        paginator = self._client.get_paginator("list_object_versions")
        yield from paginator.paginate(**self._bucket, **options)


def _versions(page: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return the keys of a page of a listing with their versions, newest first; `None` for a delete marker."""
    versions = [(each["Key"], each["VersionId"]) for each in page.get("Versions", [])]
    markers = [(each["Key"], None) for each in page.get("DeleteMarkers", [])]
    return sorted(versions + markers, key=lambda version: version[0])
