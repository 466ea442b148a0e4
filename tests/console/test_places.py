"""Where the console finds ledgers: in a folder, or in a DynamoDB table."""

import uuid

import pytest

from ledger import settings
from ledger.console.ledgers import Ledgers
from ledger.console.places import Folder
from ledger.console.table import Table
from ledger.server.attributes import Attributes, State, load, save
from ledger.server.table import TableStores
from ledger.settings import LedgerNotFoundError
from ledger.store import SQLiteStore, Unusable
from tests.console.processes import running
from tests.store.conftest import dynamodb  # noqa: F401 - fixture


def make(folder, name):
    store = SQLiteStore(folder / f"{name}.db")
    settings.create(store, name)
    store.close()


def names(ledgers):
    return [ledger.name for ledger in ledgers.all()]


@pytest.fixture
def folder(tmp_path):
    for name in ("one", "two"):
        make(tmp_path, name)
    return tmp_path


@pytest.fixture
def ledgers(folder):
    opened = Ledgers(Folder(folder))
    yield opened
    opened.close()


def test_a_folder_shows_its_ledgers_and_leaves_out_what_is_none(folder, ledgers):
    (folder / "other.db").write_bytes(b"no ledger, whatever it is called")
    (folder / "notes.txt").write_text("x")
    SQLiteStore(folder / "empty.db").close()
    make(folder, "renamed")
    (folder / "renamed.db").rename(folder / "changed.db")
    assert names(ledgers) == ["one", "two"]


def test_a_ledger_that_was_made_later_is_found(folder, ledgers):
    assert names(ledgers) == ["one", "two"]
    make(folder, "three")
    assert ledgers.open("three").name == "three"


@pytest.mark.parametrize("name", ["none", "", ".", "../one", "one.db"])
def test_a_name_that_the_folder_does_not_have_is_not_opened(folder, ledgers, name):
    with pytest.raises(LedgerNotFoundError):
        ledgers.open(name)
    assert sorted(path.name for path in folder.glob("*.db")) == ["one.db", "two.db"]


def test_named_ledgers_are_the_only_ones(folder):
    ledgers = Ledgers(Folder(folder, ["two"]))
    assert names(ledgers) == ["two"]
    with pytest.raises(LedgerNotFoundError):
        ledgers.open("one")
    ledgers.close()


def test_a_ledger_that_is_being_deleted_is_not_shown(folder, ledgers):
    store = SQLiteStore(folder / "one.db")
    save(store, Attributes(state=State.DELETING), load(store).version)
    store.close()
    assert names(ledgers) == ["two"]


def test_a_folder_that_is_not_there_cannot_be_used(folder):
    with pytest.raises(Unusable, match="is no folder"):
        names(Ledgers(Folder(folder / "none")))


@pytest.fixture
def table(dynamodb):  # noqa: F811 - fixture
    """A table of its own, for its list of ledgers is looked at."""
    name = f"console-{uuid.uuid4().hex}"
    names = {"pk": "HASH", "sk": "RANGE"}
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in names.items()],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in names],
    )
    return name


def test_a_table_shows_the_ledgers_that_are_named_or_listed_or_found(dynamodb, table):  # noqa: F811 - fixture
    stores = TableStores(table, dynamodb)
    assert names(Ledgers(Table(table, client=dynamodb))) == []
    for name in ("deployed", "served"):
        settings.create(stores.open(name), name)
    assert names(Ledgers(Table(table, client=dynamodb))) == ["deployed", "served"]
    stores.note("served")
    assert names(Ledgers(Table(table, client=dynamodb))) == ["served"]
    assert names(Ledgers(Table(table, ["deployed", "none"], client=dynamodb))) == ["deployed"]


def test_a_console_on_a_table_reads_and_verifies(cloud, dynamodb, table):  # noqa: F811 - fixture
    settings.create(TableStores(table, dynamodb).open("tabled"), "tabled", strands=2)
    with running("tabled", "--store", f"dynamodb://{table}", environment=cloud.environment()) as console:
        assert [each["name"] for each in console.get("/api/ledgers")["ledgers"]] == ["tabled"]
        taken = console.post("/api/ledgers/tabled/digest", {})
        strand = console.get("/api/ledgers/tabled")["strands"][1]["strandId"]
        asked = {"blockAddress": f'{{strandId:"{strand}",sequenceNo:0}}', "digestTipAddress": taken["digestTipAddress"]}
        assert set(console.post("/api/ledgers/tabled/block", asked)) == {"block", "proof"}
