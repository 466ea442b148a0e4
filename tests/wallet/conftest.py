"""A wallet on a ledger of its own in an SQLite file, on one strand and on four."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdas.wallet import connection
from lambdas.wallet.receipts import Receipts
from lambdas.wallet.wallet import Wallet
from ledger import driver as ledger_driver
from ledger.audit import audit
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.ledger.conftest import file_store
from tests.wallet import xray
from tests.wallet.ledgers import LEDGER_NAME, Profiles, create_ledger


@pytest.fixture(params=[1, 4], ids=["1-strand", "4-strands"])
def store(request, tmp_path: Path) -> Iterator[SQLiteStore]:
    opened = file_store(tmp_path)
    create_ledger(opened, strands=request.param)
    yield opened
    assert list(audit(opened, LEDGER_NAME)) == []
    opened.close()


@pytest.fixture
def driver(store):
    with ledger_driver.connect(LEDGER_NAME, store, retry_config=connection.retries()) as connected:
        yield connected


@pytest.fixture
def profiles() -> Profiles:
    return Profiles()


@pytest.fixture
def wallet(driver, profiles, store) -> Wallet:
    return Wallet(driver, profiles, Receipts(Ledger(store, LEDGER_NAME)))


@pytest.fixture
def daemon(monkeypatch):
    """X-Ray's daemon beside a sampled call: a function that gives the subsegments since it was last asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(60)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", xray.TRACE)
        yield lambda: list(xray.received(listening))
