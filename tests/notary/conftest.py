"""Ledgers with a notary, its archive and its key."""

import uuid
from collections.abc import Iterator
from typing import NamedTuple

import boto3
import pytest

from ledger.notary.archive import Archive, FolderArchive
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from tests.ledger.conftest import local_client, local_ledger  # noqa: F401 - fixtures
from tests.ledger.support import Client


class Notarising(NamedTuple):
    """A ledger with table T, and what notarises it."""

    client: Client
    archive: Archive
    signer: LocalSigner
    notary: Notary

    def add(self, count: int = 1) -> None:
        for number in range(count):
            self.client.run("INSERT INTO T ?", {"k": number})

    @property
    def keys(self):
        return {self.signer.key_id: self.signer.public_key}


@pytest.fixture(scope="session")
def signer() -> LocalSigner:
    return LocalSigner("the notary's key")


@pytest.fixture
def notarising(local_client, signer, tmp_path) -> Iterator[Notarising]:  # noqa: F811
    archive = FolderArchive(tmp_path / "archive", "demo")
    return Notarising(local_client, archive, signer, Notary(local_client.ledger.store, "demo", archive, signer))


@pytest.fixture(scope="session")
def s3(cloud):
    client = boto3.client("s3", **cloud.client_options())
    yield client
    client.close()


@pytest.fixture
def bucket(s3):
    """The name of a new bucket with Object Lock."""
    name = f"evidence-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name
