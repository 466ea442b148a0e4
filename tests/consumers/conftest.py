"""Tables, queues and buses of the local cloud, and the journal of a few wallets."""

import json
import shutil
import uuid
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lambdas.stream import view_items
from lambdas.stream.dead_letters import DeadLetterQueue
from lambdas.stream.view import View
from ledger.store import SQLiteStore
from tests.consumers.journals import WalletJournal
from tests.store.conftest import table  # noqa: F401 - fixture
from tests.wallet.ledgers import ANA


def client_of(cloud, service):
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}), **cloud.client_options())


@pytest.fixture(scope="session")
def dynamodb(cloud):
    client = client_of(cloud, "dynamodb")
    yield client
    client.close()


@pytest.fixture(scope="session")
def sqs(cloud):
    client = client_of(cloud, "sqs")
    yield client
    client.close()


@pytest.fixture(scope="session")
def events(cloud):
    client = client_of(cloud, "events")
    yield client
    client.close()


@pytest.fixture(scope="session")
def new_table(dynamodb):
    """Makes tables with these keys, in order, each a name and a type."""

    def make(**keys: str) -> str:
        name = f"table-{uuid.uuid4().hex}"
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": keys[key]} for key in keys],
        )
        return name

    return make


@pytest.fixture(scope="session")
def new_view(dynamodb, new_table):
    """Makes empty views, whose client may be wrapped into another."""
    return lambda wrap=lambda client: client: Shown(dynamodb, new_table(wallet="S", version="N"), wrap(dynamodb))


@pytest.fixture
def shown(new_view):
    """An empty view."""
    return new_view()


class Shown:
    """A view, and a look at all that its table holds."""

    def __init__(self, dynamodb, table_name, client) -> None:
        self.dynamodb = dynamodb
        self.table_name = table_name
        self.view = View(client, table_name)

    def items(self) -> dict[tuple[str, int], dict]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table_name)
        items = [view_items.read(item) for page in pages for item in page["Items"]]
        return {(item["wallet"], int(item["version"])): item for item in items}

    def put(self, **values) -> None:
        self.dynamodb.put_item(TableName=self.table_name, Item=view_items.written(values))


@dataclass
class Queue:
    """An SQS queue, and a look into it."""

    sqs: Any
    url: str

    def dead_letters(self, client=None) -> DeadLetterQueue:
        return DeadLetterQueue(client or self.sqs, self.url, "test")

    def receive(self) -> list[dict]:
        """Take all messages out."""
        bodies = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return bodies


@pytest.fixture
def queue(sqs):
    """An empty queue."""
    return Queue(sqs, sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex}")["QueueUrl"])


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """The file of a ledger with a few wallets."""
    path = tmp_path_factory.mktemp("filled") / "ledger.db"
    store = SQLiteStore(path)
    WalletJournal(store).fill()
    store.close()
    return path


@pytest.fixture
def journal(filled, tmp_path):
    """The journal of a few wallets, which the test may change."""
    store = SQLiteStore(shutil.copy(filled, tmp_path))
    yield WalletJournal(store)
    store.close()


@pytest.fixture(scope="session")
def kept_journal(filled, tmp_path_factory):
    """The journal of a few wallets, which no test changes, with one revision redacted; and its stream before that."""
    store = SQLiteStore(shutil.copy(filled, tmp_path_factory.mktemp("kept")))
    made = WalletJournal(store)
    before = made.records()
    made.redact(ANA, 2)
    yield made, before
    store.close()


@pytest.fixture
def on_cloud(cloud, monkeypatch):
    """Point clients that are made from the environment to the local cloud."""
    for name, value in cloud.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
