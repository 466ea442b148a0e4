"""Ledgers to export, and buckets to export to."""

import time
import uuid
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ledger import clock as clocks
from ledger import export, settings
from ledger.export import ExportRequest
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.ledger.support import Client

LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class FakeBucket:
    """An S3 client that keeps what it is given; it can be made to fail at the n-th object."""

    def __init__(self):
        self.objects = {}
        self.options = {}
        self.puts = []
        self.fail_at = None
        self.error = KeyboardInterrupt()

    def put_object(self, *, Bucket, Key, Body, **options):  # noqa: N803 - S3's names
        if len(self.puts) == self.fail_at:
            self.fail_at = None
            raise self.error
        self.puts.append(Key)
        self.objects[Key], self.options[Key] = Body, options

    def manifest(self, export_id, strand_id):
        return self.objects[f"p/{export_id}.{strand_id}.completed.manifest"]


def refusal(code, status):
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutObject")


@pytest.fixture
def bucket():
    return FakeBucket()


@pytest.fixture
def clock():
    """A clock that stands, half a minute after whatever is committed by then."""
    return Clock()


class Clock:
    def __init__(self):
        self.ahead = timedelta(seconds=30)
        self.slept = []

    def __call__(self):
        return clocks.now() + self.ahead

    def sleep(self, seconds):
        self.slept.append(seconds)


@pytest.fixture
def within_an_hour():
    """Lets no test begin in the last minute of an hour: an object holds blocks of one hour only."""
    while datetime.now(UTC).minute == 59:
        time.sleep(1)


@pytest.fixture(params=[1, 3], ids=lambda strands: f"{strands}-strands")
def filled(request, tmp_path, within_an_hour):
    """A ledger with tables, updates, a deletion and several revisions in a block."""
    store = SQLiteStore(tmp_path / "ledger.db")
    settings.create(store, "demo", strands=request.param)
    client = Client(Ledger(store, "demo", work_in_background=False))
    client.run("CREATE TABLE T")
    for number in range(12):
        client.run("INSERT INTO T << ?, ? >>", {"k": number}, {"k": -number})
    client.run("UPDATE T SET n = 1 WHERE k = 3")
    client.run("DELETE FROM T WHERE k = 4")
    yield client
    store.close()


def request_of(client, clock, **changes):
    asked = ExportRequest(start=LONG_AGO, end=clock(), bucket="b", prefix="p/")
    return asked._replace(**changes)


def start(client, client_of_s3, clock, **changes):
    store, known = client.ledger.store, client.ledger.settings
    return export.start_export(store, known, request_of(client, clock, **changes), client_of_s3, now=clock)


def run(client, bucket, clock, export_id, **options):
    store, known = client.ledger.store, client.ledger.settings
    return export.run_export(store, known, export_id, bucket, now=clock, sleep=clock.sleep, **options)


@pytest.fixture(scope="session")
def s3(cloud):
    """A client of the local cloud's S3."""
    client = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}), **cloud.client_options())
    yield client
    client.close()


@pytest.fixture
def s3_bucket(s3):
    name = f"exports-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name
