"""Where a drill takes place: a store that is written to behind the ledger's back, and what watches over it."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3

from ledger.audit.files import AuditFiles, FolderAuditFiles, S3AuditFiles
from ledger.notary.archive import Archive, FolderArchive, digest_key
from ledger.notary.s3 import Retention, S3Archive
from ledger.notary.signing import KmsSigner, LocalSigner, Signer
from ledger.store import DynamoDBStore, Key, SQLiteStore, Store

_AT_ONCE = 50
_RETENTION = Retention("COMPLIANCE", 1)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class NotLoopbackError(ValueError):
    """A drill damages what it is let loose on: only a cloud on this machine will do."""


class Ground(NamedTuple):
    """A store, and what its owner cannot reach: the archive, the key, the auditor's files.

    Attributes:
        replace_digest: puts other bytes in the place of a notarised digest, and returns what undoes that.
    """

    store: Store
    archive: Archive
    signer: Signer
    files: AuditFiles
    replace_digest: Callable[[int, bytes], Callable[[], object]]


class Resources(NamedTuple):
    """What a drill uses in a cloud; what is `None` it makes."""

    table: str | None = None
    bucket: str | None = None
    key: str | None = None


@contextmanager
def on_disk(folder: Path, ledger: str) -> Iterator[Ground]:
    """Give a ground in a folder: an SQLite file, and a key in this process's memory."""
    store = SQLiteStore(folder / f"{ledger}.db")

    def replace(number: int, data: bytes) -> Callable[[], object]:
        path = folder / digest_key(ledger, number)
        before = path.read_bytes()
        path.write_bytes(data)
        return lambda: path.write_bytes(before)

    yield Ground(store, FolderArchive(folder, ledger), LocalSigner(), FolderAuditFiles(folder, ledger), replace)
    store.close()


@contextmanager
def in_cloud(options: Mapping[str, Any], ledger: str, given: Resources = Resources()) -> Iterator[Ground]:  # noqa: B008
    """Give a ground in a cloud on this machine: a table, a bucket with Object Lock, a KMS key.

    Args:
        options: of boto3 clients.
        ledger: a name that was not used there before.

    Raises:
        NotLoopbackError: they are those of a cloud somewhere else.
    """
    if urlsplit(options.get("endpoint_url") or "").hostname not in _LOOPBACK:
        raise NotLoopbackError(f"the endpoint is {options.get('endpoint_url')}: a drill needs a cloud on this machine")
    s3, kms, dynamodb = (boto3.client(name, **options) for name in ("s3", "kms", "dynamodb"))
    bucket = given.bucket or _new_bucket(s3)

    def replace(number: int, data: bytes) -> Callable[[], object]:
        place = {"Bucket": bucket, "Key": digest_key(ledger, number)}
        version = s3.put_object(**place, Body=data)["VersionId"]
        return lambda: s3.delete_object(**place, VersionId=version)

    yield Ground(
        DynamoDBStore(given.table or _new_table(dynamodb), namespace=ledger, client=dynamodb),
        S3Archive(s3, bucket, ledger, retention=_RETENTION),
        KmsSigner(kms, given.key or _new_key(kms)),
        S3AuditFiles(s3, bucket, ledger),
        replace,
    )
    for client in (s3, kms, dynamodb):
        client.close()


def write(store: Store, writes: Mapping[Key, bytes | None]) -> None:
    """Write cells as whoever can write to the table would: whatever is there, and past the ledger."""
    keys = list(writes)
    for at in range(0, len(keys), _AT_ONCE):
        some = keys[at : at + _AT_ONCE]
        cells = store.get(some)
        there = {key: writes[key] for key in some if key in cells or writes[key] is not None}
        store.commit(there, {key: cells[key].version if key in cells else None for key in there})


def _new_bucket(client: Any) -> str:
    name = f"drill-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


def _new_key(client: Any) -> str:
    return str(client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])


def _new_table(client: Any) -> str:
    name, keys = f"drill-{uuid.uuid4().hex}", {"pk": "HASH", "sk": "RANGE"}
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )
    return name
