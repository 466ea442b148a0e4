"""The registry of ledgers where a process ended at a bad moment, and where others work on the same place."""

import threading
import uuid

import pytest

from ledger import settings
from ledger.driver import driver_of
from ledger.ledger import Ledger
from ledger.limits import Limits
from ledger.server import attributes
from ledger.server.attributes import CONTROL_KEY, Attributes, State
from ledger.server.errors import ResourceAlreadyExistsException, ResourceInUseException, ResourceNotFoundException
from ledger.server.registry import Registry
from ledger.server.stores import FolderStores
from ledger.server.table import TableStores
from ledger.store import SQLiteStore, Unavailable, Unusable
from tests.server.conftest import KINDS
from tests.server.processes import wait_until

MANY = Limits(active_ledgers=10_000)
UNPROTECTED = Attributes(deletion_protection=False)


class Shared:
    """A client of DynamoDB that outlives the stores that use it."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def close(self):
        pass


@pytest.fixture(params=KINDS)
def new_stores(request, tmp_path):
    """Opens one place, again and again: a server on it, ended, the next."""
    if request.param == "sqlite":
        return lambda: FolderStores(tmp_path)
    client, table = request.getfixturevalue("dynamodb"), request.getfixturevalue("table")
    return lambda: TableStores(table, Shared(client))


@pytest.fixture
def registry(new_stores):
    opened = Registry(new_stores(), MANY)
    yield opened
    opened.close()


@pytest.fixture
def name():
    return f"R{uuid.uuid4().hex[:20]}"


def wait_until_gone(registry, name):
    def is_gone():
        try:
            assert registry.describe(name).state is State.DELETING
        except ResourceNotFoundException:
            return True
        return False

    wait_until(is_gone)


def test_a_ledger_made_by_the_command_line_is_served_and_listed_once_it_was_used(new_stores, name):
    stores = new_stores()
    settings.create(stores.open(name, create=True), name)
    registry = Registry(stores, MANY)
    described = registry.describe(name)
    assert (described.state, described.attributes) == (State.ACTIVE, Attributes())
    assert registry.open(name).name == name
    assert name in {ledger.name for ledger in registry.all()}
    changed = registry.change(name, lambda known: known._replace(tags={"a": "b"}))
    assert changed.attributes.tags == registry.describe(name).attributes.tags == {"a": "b"}
    registry.close()


def test_a_creation_that_was_cut_off_is_completed(new_stores, name):
    stores = new_stores()
    stores.note(name)
    attributes.save(stores.open(name, create=True), UNPROTECTED, None)
    registry = Registry(stores, MANY)
    assert registry.describe(name).state is State.ACTIVE
    assert registry.open(name).settings == registry.describe(name).settings
    registry.close()


def test_a_deletion_that_was_cut_off_goes_on(new_stores, registry, name):
    registry.create(name, UNPROTECTED)
    with driver_of(registry.open(name)) as driver:
        driver.execute_lambda(lambda txn: txn.execute_statement("CREATE TABLE T"))
    registry.close()
    stores = new_stores()
    store = stores.open(name)
    control = attributes.load(store)
    attributes.save(store, control.attributes._replace(state=State.DELETING), control.version)
    store.close()
    following = Registry(stores, MANY)
    assert following.describe(name).state is State.DELETING
    wait_until_gone(following, name)
    assert name not in {ledger.name for ledger in following.all()}
    assert following.create(name, UNPROTECTED).state is State.CREATING
    following.delete(name)
    wait_until_gone(following, name)
    following.close()


def test_while_a_ledger_is_deleted_its_name_is_in_use(new_stores, name):
    stores, finish = new_stores(), threading.Event()
    remove = stores.remove
    stores.remove = lambda *arguments: finish.wait(60) and remove(*arguments)
    registry = Registry(stores, MANY)
    registry.create(name, UNPROTECTED)
    registry.delete(name)
    assert registry.describe(name).state is State.DELETING
    for refused in (
        lambda: registry.create(name, UNPROTECTED),
        lambda: registry.delete(name),
        lambda: registry.change(name, lambda known: known),
    ):
        with pytest.raises(ResourceInUseException, match="Ledger is being deleted"):
            refused()
    with pytest.raises(LookupError, match="no active ledger"):
        registry.open(name)
    finish.set()
    wait_until_gone(registry, name)
    registry.close()


def test_a_deletion_that_fails_is_tried_again(new_stores, name, caplog):
    stores = new_stores()
    remove, failures = stores.remove, [Unusable("no right to delete")]

    def failing(*arguments):
        if failures:
            raise failures.pop()
        remove(*arguments)

    stores.remove = failing
    registry = Registry(stores, MANY)
    registry.create(name, UNPROTECTED)
    registry.delete(name)
    wait_until_gone(registry, name)
    assert "will be tried again: no right to delete" in caplog.text
    registry.close()


def test_work_that_meets_the_deletion_of_its_ledger_is_no_complaint(registry, name, caplog):
    registry.create(name, UNPROTECTED)
    ledger = registry.open(name)
    registry.delete(name)
    wait_until_gone(registry, name)
    registry._go_on(ledger)
    assert caplog.text == ""


def test_work_that_is_interrupted_is_a_complaint(registry, name, caplog, monkeypatch):
    def interrupted(_):
        raise Unavailable("the store is away")

    monkeypatch.setattr(Ledger, "complete_work", interrupted)
    monkeypatch.setattr("ledger.server.deliveries.list_streams", interrupted)
    registry.create(name, UNPROTECTED)
    registry.open(name)
    wait_until(lambda: len(caplog.records) == 2)
    assert f"the streams of ledger {name} rest until somebody lists them: the store is away" in caplog.text
    assert f"work on ledger {name} was interrupted" in caplog.text


def test_of_many_that_create_one_name_at_once_one_does(registry, name):
    outcomes = []

    def create():
        try:
            outcomes.append(registry.create(name, UNPROTECTED).state)
        except ResourceAlreadyExistsException:
            outcomes.append(None)

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [State.CREATING, *[None] * 5]


def test_changes_at_once_are_all_kept(registry, name):
    registry.create(name, UNPROTECTED)

    def tag(number):
        registry.change(name, lambda known: known._replace(tags={**known.tags, str(number): ""}))

    threads = [threading.Thread(target=tag, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry.describe(name).attributes.tags) == 6


def test_a_ledger_made_anew_by_another_server_is_opened_anew(dynamodb, table, name):
    first, second = (Registry(TableStores(table, Shared(dynamodb)), MANY) for _ in range(2))
    first.create(name, UNPROTECTED)
    old = first.open(name)
    second.delete(name)
    wait_until_gone(second, name)
    with pytest.raises(LookupError):
        first.open(name)
    second.create(name, UNPROTECTED)
    assert first.open(name).settings == second.open(name).settings != old.settings


def test_a_deletion_that_comes_late_leaves_the_new_ledger_alone(dynamodb, table, name):
    stores = TableStores(table, Shared(dynamodb))
    registry = Registry(stores, MANY)
    registry.create(name, UNPROTECTED)
    store = stores.open(name)
    get = store.get

    def late(keys):
        """Read the control cell, then sleep while another server deletes the ledger and makes one of its name."""
        cells = get(keys)
        if CONTROL_KEY in cells:
            registry.delete(name)
            wait_until_gone(registry, name)
            registry.create(name, UNPROTECTED)
        return cells

    store.get = late
    with pytest.raises(Exception, match="expected versions no longer hold"):
        stores.remove(name, store)
    assert registry.describe(name).state is State.ACTIVE
    with driver_of(registry.open(name)) as driver:
        assert list(driver.list_tables()) == []


def test_a_file_of_something_else_is_left_out_of_the_list_and_reported(tmp_path, caplog):
    (tmp_path / "other.db").write_bytes(b"not a database, but long enough to be looked at" * 30)
    (tmp_path / "not a name.db").touch()
    stores = FolderStores(tmp_path)
    registry = Registry(stores, MANY)
    registry.create("demo", UNPROTECTED)
    assert [ledger.name for ledger in registry.all()] == ["demo"]
    assert "other.db" in caplog.text
    registry.close()


def test_deleting_removes_the_files(tmp_path):
    registry = Registry(FolderStores(tmp_path))
    registry.create("demo", UNPROTECTED)
    registry.open("demo")
    registry.delete("demo")
    wait_until_gone(registry, "demo")
    registry.close()
    assert [path.name for path in tmp_path.iterdir()] == [".serving"]
    store = SQLiteStore(tmp_path / "demo.db")
    assert store.get([CONTROL_KEY]) == {}
    store.close()


def test_deleting_leaves_one_cell_in_the_table(dynamodb, table, name):
    registry = Registry(TableStores(table, Shared(dynamodb)), MANY)
    registry.create(name, UNPROTECTED)
    with driver_of(registry.open(name)) as driver:
        driver.execute_lambda(lambda txn: txn.execute_statement("CREATE TABLE T"))
        for number in range(3):
            driver.execute_lambda(lambda txn, n=number: txn.execute_statement("INSERT INTO T ?", {"n": n}))
    registry.delete(name)
    wait_until_gone(registry, name)
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    found = [item for page in pages for item in page["Items"]]
    assert [item["sk"]["S"] for item in found if item["pk"]["S"].startswith(name)] == [".control"]
