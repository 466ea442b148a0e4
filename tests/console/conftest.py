"""Consoles for the tests: one that reads ledgers full of wallets, and one that may write to a small ledger."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from ledger import settings
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.console import browsers
from tests.console import wallets as made
from tests.console.browsers import Visitor
from tests.console.processes import Console, running
from tests.console.wallets import Wallets
from tests.ledger.support import Client
from tests.notary.conftest import bucket, s3  # noqa: F401 - fixtures


@pytest.fixture(scope="session")
def wallets(tmp_path_factory) -> Wallets:
    """A folder with two ledgers, which no test changes."""
    return made.make(tmp_path_factory.mktemp("wallets"))


@pytest.fixture(scope="session")
def console(wallets: Wallets) -> Iterator[Console]:
    """A console that only reads them."""
    evidence = ("--digests", str(wallets.evidence), "--public-key", str(wallets.public_key))
    with running("--data", str(wallets.folder), *evidence) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one file of tests: while it is there, others in this process cannot run event loops."""
    with browsers.launched() as started:
        yield started


@pytest.fixture(scope="module")
def context(browser: Browser, console: Console) -> Iterator[BrowserContext]:
    """The browser, signed in to the console."""
    with browsers.signed_in(browser, console) as opened:
        yield opened


@pytest.fixture
def visitor(context: BrowserContext, console: Console) -> Iterator[Visitor]:
    """A page of the console in the browser."""
    with browsers.visiting(context, console) as visitor:
        yield visitor


@pytest.fixture
def small_ledger(tmp_path) -> Iterator[Ledger]:
    """The ledger `small` in a folder of its own, with three documents in table T, indexed on k."""
    store = SQLiteStore(tmp_path / "small.db")
    settings.create(store, "small")
    ledger = Ledger(store, "small", work_in_background=False)
    client = Client(ledger)
    for statement in (
        "CREATE TABLE T",
        "CREATE INDEX ON T (k)",
        "INSERT INTO T << {'k': 1}, {'k': 2}, {'k': 3, 'note': 'x'} >>",
    ):
        client.run(statement)
    yield ledger
    store.close()


@pytest.fixture
def writable(small_ledger: Ledger, tmp_path) -> Iterator[Console]:
    """A console that may write to it."""
    with running("--data", str(tmp_path), "--writable", "--extensions") as started:
        yield started
