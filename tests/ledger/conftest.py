"""Ledgers for the tests, on each kind of store, with one strand and with several."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import settings
from ledger.driver import driver_of
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.ledger.support import Client
from tests.store.conftest import dynamodb, new_dynamodb_store, table  # noqa: F401 - fixtures

KINDS = [("sqlite", 1), ("sqlite", 4), ("dynamodb", 4)]
PATIENCE_SECONDS = 60
"""How long a commit waits for those of other threads, however slow the disk is."""


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind[0]}-{kind[1]}")
def ledger(request: pytest.FixtureRequest, tmp_path) -> Iterator[Ledger]:
    """An empty ledger."""
    kind, strands = request.param
    store = file_store(tmp_path) if kind == "sqlite" else request.getfixturevalue("new_dynamodb_store")()
    settings.create(store, "demo", strands=strands)
    yield Ledger(store, "demo", work_in_background=False)
    store.close()


@pytest.fixture(params=[1, 4], ids=lambda strands: f"sqlite-{strands}")
def local_ledger(request: pytest.FixtureRequest, tmp_path) -> Iterator[Ledger]:
    """An empty ledger in a SQLite file."""
    store = file_store(tmp_path)
    settings.create(store, "demo", strands=request.param)
    yield Ledger(store, "demo", work_in_background=False)
    store.close()


@pytest.fixture
def driver(ledger: Ledger):
    """The official driver on an empty ledger."""
    with driver_of(ledger) as opened:
        yield opened


@pytest.fixture
def client(ledger: Ledger) -> Client:
    """Sessions under the test's own control on a ledger with table T, indexed on k."""
    return prepared(ledger)


@pytest.fixture
def local_client(local_ledger: Ledger) -> Client:
    """The same in a SQLite file."""
    return prepared(local_ledger)


def file_store(folder: Path) -> SQLiteStore:
    return SQLiteStore(folder / "ledger.db", busy_timeout_seconds=PATIENCE_SECONDS)


def prepared(ledger: Ledger) -> Client:
    client = Client(ledger)
    client.run("CREATE TABLE T")
    client.run("CREATE INDEX ON T (k)")
    return client
