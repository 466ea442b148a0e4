"""Stores for the tests: each kind by itself, and again with faults."""

import uuid
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from ledger.store import DynamoDBStore, SQLiteStore, Store
from ledger.store.dynamodb_calls import Patience
from local.cloud import Cloud
from tests.store.faults import PatientStore
from tests.store.scripted import Clock, Scripted

KINDS = ("sqlite", "sqlite in memory", "sqlite with faults", "dynamodb", "dynamodb with faults")


@pytest.fixture(scope="session")
def dynamodb(cloud: Cloud) -> Iterator[object]:
    """A client of the local cloud that leaves retries to the store."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, max_pool_connections=50)
    client = boto3.client("dynamodb", config=config, **cloud.client_options())
    yield client
    client.close()


@pytest.fixture(scope="session")
def table(dynamodb) -> str:
    """One table for all tests: each takes a namespace of its own."""
    name = f"cells-{uuid.uuid4().hex}"
    names = {"pk": "HASH", "sk": "RANGE"}
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in names.items()],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in names],
    )
    return name


@pytest.fixture(scope="session")
def new_dynamodb_store(dynamodb, table) -> Callable[[], DynamoDBStore]:
    """Makes empty DynamoDB stores."""
    return lambda: DynamoDBStore(table, namespace=uuid.uuid4().hex, client=_Shared(dynamodb))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    kind = request.param
    if kind.startswith("dynamodb"):
        bare = request.getfixturevalue("new_dynamodb_store")()
    else:
        bare = SQLiteStore(":memory:" if kind == "sqlite in memory" else tmp_path / "ledger.db")
    opened = PatientStore(bare, zlib.crc32(request.node.nodeid.encode())) if kind.endswith("with faults") else bare
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def scripted(clock):
    """Makes a store on a scripted client, and gives both."""

    def make(*script):
        client = Scripted(*script)
        patience = Patience(attempts=4, lost_seconds=9, sleep=clock.sleep, now=clock.now)
        return DynamoDBStore("cells", namespace="test", client=client, patience=patience), client

    return make


class _Shared:
    """A client that outlives the stores that use it."""

    def __init__(self, client: object) -> None:
        self._client = client

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    def close(self) -> None:
        pass
