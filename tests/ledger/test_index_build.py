"""An index made on a table with documents: complete when it is used, whatever happens while it is built."""

import threading

import pytest

from ledger.catalog import CATALOG_KEY, Catalog
from ledger.ledger import Ledger
from ledger.transaction import index_build
from ledger.transaction.index_build import build_index
from tests.ledger.support import Client
from tests.store.faults import FaultyStore


def statuses(client):
    return client.run("SELECT VALUE indexes[1].status FROM information_schema.user_tables WHERE name = 'T'")


def test_an_index_on_a_table_with_documents_finds_them_all(client):
    for number in range(6):
        client.run("INSERT INTO T ?", {"k": number, "m": number % 2})
    client.run("DELETE FROM T WHERE k = 1")
    client.run("CREATE INDEX ON T (m)")
    assert statuses(client) == ['"ONLINE"']
    lookup = client.begin()
    result = lookup.execute("SELECT VALUE k FROM T WHERE m = 1")
    assert result["ConsumedIOs"]["ReadIOs"] == 1 + 2 * 2
    assert sorted(lookup.run("SELECT VALUE k FROM T WHERE m = 1")) == ["3", "5"]
    assert client.findings() == []


class WritesDuringTheBuild(FaultyStore):
    """Lets another client write just before each step of the build."""

    def __init__(self, store, writer, statements):
        super().__init__(store)
        self.writer = writer
        self.statements = iter(statements)

    def commit(self, writes, expected):
        statement = next(self.statements, None)
        if statement:
            self.writer.run(*statement)
        super().commit(writes, expected)


@pytest.fixture
def half_built(client, monkeypatch):
    """A table of six documents whose index on m was created by a process that died before it built it."""
    for number in range(6):
        client.run("INSERT INTO T ?", {"k": number, "m": 1})
    with monkeypatch.context() as died:
        died.setattr("ledger.ledger.build_index", lambda *_: None)
        client.run("CREATE INDEX ON T (m)")
    return client


def test_an_index_that_is_not_complete_is_not_used(half_built):
    assert statuses(half_built) == ['"BUILDING"']
    assert len(half_built.run("SELECT * FROM T WHERE m = 1")) == 6


@pytest.mark.parametrize("documents_per_step", [1, 2, 30])
def test_writers_keep_up_an_index_while_it_is_built(half_built, monkeypatch, documents_per_step):
    monkeypatch.setattr(index_build, "_DOCUMENTS_PER_STEP", documents_per_step)
    statements = [
        ("INSERT INTO T ?", {"k": 6, "m": 1}),
        ("UPDATE T SET m = 2 WHERE k = 0",),
        ("UPDATE T SET m = 2 WHERE k = 5",),
        ("DELETE FROM T WHERE k = 4",),
        ("UPDATE T SET n = 1 WHERE k = 3",),
        ("UPDATE T SET m = 2 WHERE k = 3",),
        ("UPDATE T SET m = 1 WHERE k = 0",),
    ]
    store = WritesDuringTheBuild(half_built.ledger.store, half_built, statements)
    Ledger(store, "demo").complete_indexes()
    for statement in store.statements:
        half_built.run(*statement)
    again = Client(Ledger(half_built.ledger.store, "demo"))
    assert statuses(again) == ['"ONLINE"']
    assert sorted(again.run("SELECT VALUE k FROM T WHERE m = 1")) == ["0", "1", "2", "6"]
    assert sorted(again.run("SELECT VALUE k FROM T WHERE m = 2")) == ["3", "5"]
    assert again.findings() == []


def test_a_build_that_was_interrupted_is_begun_again(half_built, monkeypatch):
    entered = []

    def die_halfway(*arguments):
        entered.append(1)
        if len(entered) == 2:
            raise KeyboardInterrupt
        return enter(*arguments)

    enter = index_build._enter
    with monkeypatch.context() as dying:
        dying.setattr(index_build, "_DOCUMENTS_PER_STEP", 2)
        dying.setattr(index_build, "_enter", die_halfway)
        with pytest.raises(KeyboardInterrupt):
            half_built.ledger.complete_indexes()
    half_built.ledger.complete_indexes()
    again = Client(Ledger(half_built.ledger.store, "demo"))
    assert len(again.run("SELECT * FROM T WHERE m = 1")) == 6
    assert again.findings() == []


def test_two_builders_at_once_do_no_harm(half_built):
    store = half_built.ledger.store
    catalog = Catalog.from_cell(store.get([CATALOG_KEY])[CATALOG_KEY])
    table = catalog.active("T")

    class Twice(FaultyStore):
        first = True

        def commit(self, writes, expected):
            if self.first:
                self.first = False
                build_index(store, half_built.ledger.settings, table, table.indexes[1])
            super().commit(writes, expected)

    build_index(Twice(store), half_built.ledger.settings, table, table.indexes[1])
    assert Client(Ledger(store, "demo")).findings() == []


def test_a_commit_does_not_wait_for_a_build_in_the_background_and_neither_do_writers(client):
    client.run("INSERT INTO T << ?, ?, ? >>", *({"k": number, "m": 1} for number in range(3)))
    may_build = threading.Event()

    class Held(FaultyStore):
        def commit(self, writes, expected):
            if threading.current_thread().name == "ledger work":
                assert may_build.wait(300)
            super().commit(writes, expected)

    ledger = Ledger(Held(client.ledger.store), "demo")
    other = Client(ledger)
    other.run("CREATE INDEX ON T (m)")
    assert statuses(other) == ['"BUILDING"']
    other.run("INSERT INTO T ?", {"k": 3, "m": 1})
    other.run("UPDATE T SET m = 2 WHERE k = 0")
    assert len(other.run("SELECT * FROM T WHERE m = 1")) == 3
    may_build.set()
    ledger.complete_indexes()
    assert statuses(other) == ['"ONLINE"']
    assert sorted(other.run("SELECT VALUE k FROM T WHERE m = 1")) == ["1", "2", "3"]
    assert client.findings() == []


def test_an_index_on_many_documents_is_built_in_few_commits(local_client):
    for start in range(0, 120, 40):
        local_client.run("INSERT INTO T ?", [{"k": number, "m": number % 7} for number in range(start, start + 40)])
    commits = []

    class Counting(FaultyStore):
        def commit(self, writes, expected):
            commits.append(len({*writes, *expected}))
            super().commit(writes, expected)

    other = Client(Ledger(Counting(local_client.ledger.store), "demo", work_in_background=False))
    other.run("CREATE INDEX ON T (m)")
    assert len(commits) <= 12
    assert max(commits) <= 100
    assert len(other.run("SELECT * FROM T WHERE m = 3")) == 17
    assert local_client.findings() == []
