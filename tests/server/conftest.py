"""Servers for the tests: one process for each kind of store, and ledgers on it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import boto3.session
import pytest
from botocore.config import Config
from pyqldb.driver.qldb_driver import QldbDriver

from tests.server.kinesis import DataStream
from tests.server.processes import Server, running
from tests.server.wire import Session
from tests.store.conftest import dynamodb, table  # noqa: F401 - fixtures

KINDS = ("sqlite", "dynamodb")
MANY = ("--limit", "active_ledgers=10000")


@pytest.fixture(scope="session")
def sqlite_server(tmp_path_factory) -> Iterator[Server]:
    with running("--data", str(tmp_path_factory.mktemp("ledgers")), *MANY) as server:
        yield server


@pytest.fixture(scope="session")
def dynamodb_server(cloud, table) -> Iterator[Server]:  # noqa: F811 - the fixture
    with running("--store", f"dynamodb://{table}", *MANY, environment=cloud.environment()) as server:
        yield server


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Server:
    """A server on each kind of store."""
    return request.getfixturevalue(f"{request.param}_server")


@pytest.fixture(scope="session")
def clients():
    """Gives the control plane's client for a server: making one takes longer than most tests."""
    made = {}

    def client_of(server: Server):
        if server.url not in made:
            made[server.url] = server.client()
        return made[server.url]

    yield client_of
    for client in made.values():
        client.close()


@pytest.fixture
def qldb(server, clients):
    """The SDK's client of the control plane."""
    return clients(server)


@pytest.fixture
def new_name():
    """Gives names that no ledger has."""
    return lambda: f"L{uuid.uuid4().hex[:20]}"


@pytest.fixture
def ledger_name(qldb, new_name) -> str:
    """A new, empty ledger."""
    name = new_name()
    qldb.create_ledger(Name=name, PermissionsMode="ALLOW_ALL", DeletionProtection=False)
    return name


@pytest.fixture
def found_by_environment(server, monkeypatch):
    """Programs in this process find the server by the environment alone."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def new_driver(found_by_environment, ledger_name):
    """Makes official drivers on the new ledger."""
    opened = []

    def make(name=ledger_name, **options):
        # A boto3 session of its own: the default one would remember the endpoint of another test.
        opened.append(QldbDriver(name, boto3_session=boto3.session.Session(), **options))
        return opened[-1]

    yield make
    for driver in opened:
        driver.close()


@pytest.fixture
def driver(new_driver):
    return new_driver()


@pytest.fixture
def session(server, ledger_name) -> Session:
    """A session whose every request the test sends itself."""
    return Session(server.port, ledger_name)


@pytest.fixture(scope="session")
def kinesis(cloud):
    client = boto3.client("kinesis", config=Config(retries={"total_max_attempts": 1}), **cloud.client_options())
    yield client
    client.close()


@pytest.fixture
def target(kinesis):
    return DataStream(kinesis)


@contextmanager
def types_ledger(server: Server) -> Iterator[QldbDriver]:
    control = server.client()
    control.create_ledger(Name="types", PermissionsMode="ALLOW_ALL")
    control.close()
    with QldbDriver("types", boto3_session=server.session(), endpoint_url=server.url) as driver:
        for statement in ("CREATE TABLE Types", "CREATE INDEX ON Types (k)"):
            driver.execute_lambda(lambda txn, text=statement: txn.execute_statement(text))
        yield driver


@pytest.fixture(scope="session")
def sqlite_types(sqlite_server):
    with types_ledger(sqlite_server) as driver:
        yield driver


@pytest.fixture(scope="session")
def dynamodb_types(dynamodb_server):
    with types_ledger(dynamodb_server) as driver:
        yield driver


@pytest.fixture(params=KINDS)
def types(request: pytest.FixtureRequest) -> QldbDriver:
    """The driver of a ledger with a table `Types`, indexed on k, that the tests of types share."""
    return request.getfixturevalue(f"{request.param}_types")
