from types import SimpleNamespace

import pytest

from custom_resources.ledger_tables import handler
from custom_resources.ledger_tables.properties import PropertyError
from custom_resources.ledger_tables.tables import CannotDropError
from ledger import driver as ledger_driver
from ledger import settings
from ledger.errors import BadRequestException
from ledger.store import SQLiteStore
from tests.custom_resources.test_properties import VALID

CONTEXT = SimpleNamespace()


@pytest.fixture
def store(tmp_path, monkeypatch):
    with_ledger = SQLiteStore(tmp_path / "ledger.db")
    monkeypatch.setattr(handler, "open_store", lambda _properties: with_ledger)
    yield with_ledger
    with_ledger.close()


def deploy(request_type="Create", **changed):
    event = {"RequestType": request_type, "ResourceProperties": {**VALID, **changed}}
    if request_type != "Create":
        event["PhysicalResourceId"] = "captable1-tables"
    return handler.on_event(event, CONTEXT)


def execute(store, statement, *parameters):
    with ledger_driver.connect("captable1", store) as driver:
        return list(driver.execute_lambda(lambda txn: txn.execute_statement(statement, *parameters)))


def catalog(store):
    rows = execute(store, "SELECT * FROM information_schema.user_tables")
    return {
        str(row["name"]): (str(row["tableId"]), sorted(str(index["expr"]) for index in row["indexes"])) for row in rows
    }


def test_creation_makes_the_ledger_its_tables_and_indexes(store):
    answer = deploy()
    assert answer == {"PhysicalResourceId": "captable1-tables", "Data": {"LedgerName": "captable1"}}
    assert len(settings.load(store, "captable1").strands) == 8
    assert {name: indexes for name, (_, indexes) in catalog(store).items()} == {
        "wallettable": ["[email]"],
        "notes": [],
    }


def test_creation_again_changes_nothing(store):
    first = deploy()
    before = catalog(store)
    execute(store, "INSERT INTO wallettable {'email': 'ana@example.com'}")
    assert deploy() == first
    assert catalog(store) == before
    assert len(execute(store, "SELECT * FROM wallettable")) == 1


def test_update_adds_what_is_new_and_keeps_the_rest(store):
    deploy()
    before = catalog(store)
    tables = [{"Name": "wallettable", "Indexes": ["email", "username"]}, {"Name": "more", "Indexes": ["key"]}]
    answer = deploy("Update", Tables=tables)
    after = catalog(store)
    assert answer["PhysicalResourceId"] == "captable1-tables"
    assert after["wallettable"] == (before["wallettable"][0], ["[email]", "[username]"])
    assert after["more"][1] == ["[key]"]
    assert after["notes"] == before["notes"]


def test_index_added_to_a_table_with_documents_finds_them(store):
    deploy()
    execute(store, "INSERT INTO notes {'topic': 'a'}")
    deploy("Update", Tables=[{"Name": "notes", "Indexes": ["topic"]}])
    (row,) = execute(store, "SELECT * FROM information_schema.user_tables WHERE name = 'notes'")
    assert [str(index["status"]) for index in row["indexes"]] == ["ONLINE"]
    assert len(execute(store, "SELECT * FROM notes WHERE topic = 'a'")) == 1


def test_index_that_is_no_longer_listed_stays_unless_asked(store):
    deploy()
    deploy("Update", Tables=[{"Name": "wallettable"}])
    assert catalog(store)["wallettable"][1] == ["[email]"]


def test_index_that_is_no_longer_listed_is_dropped_when_asked_and_no_document_with_it(store):
    deploy()
    execute(store, "INSERT INTO wallettable {'email': 'ana@example.com'}")
    deploy("Update", Tables=[{"Name": "wallettable"}, {"Name": "more"}], DropUnlistedIndexes="true")
    after = catalog(store)
    assert after["wallettable"][1] == []
    assert after["more"][1] == []
    assert len(execute(store, "SELECT * FROM wallettable WHERE email = 'ana@example.com'")) == 1


def test_index_that_the_ledger_refuses_to_drop_fails_before_anything_is_changed(store, monkeypatch):
    deploy()
    before = catalog(store)

    def refuse(*_):
        raise BadRequestException("it is in use")

    monkeypatch.setattr("ledger.transaction.transaction.Transaction.drop_index", refuse)
    with pytest.raises(CannotDropError, match=r"email of table wallettable cannot be dropped: it is in use"):
        deploy("Update", Tables=[{"Name": "wallettable"}, {"Name": "more"}], DropUnlistedIndexes="true")
    assert catalog(store) == before


def test_dropping_when_every_index_is_listed_needs_no_drop(store):
    deploy()
    deploy("Update", DropUnlistedIndexes="true")
    assert catalog(store)["wallettable"][1] == ["[email]"]


def test_deletion_keeps_every_document(store):
    deploy()
    execute(store, "INSERT INTO wallettable {'email': 'ana@example.com'}")
    assert deploy("Delete") == {"PhysicalResourceId": "captable1-tables"}
    assert len(execute(store, "SELECT * FROM wallettable")) == 1


def test_deletion_of_a_resource_that_was_never_made_succeeds_whatever_its_properties(store):
    assert deploy("Delete", Tables="nonsense") == {"PhysicalResourceId": "captable1-tables"}


def test_rollback_of_a_failed_creation_keeps_what_was_there(store):
    deploy()
    before = catalog(store)
    with pytest.raises(PropertyError):
        deploy(Tables=[])
    deploy("Delete", Tables=[])
    assert catalog(store) == before


def test_wrong_properties_make_no_ledger(store):
    with pytest.raises(PropertyError, match="a table is named"):
        deploy(Tables=[{"Name": "1"}])
    with pytest.raises(settings.LedgerNotFoundError):
        settings.load(store, "captable1")


def test_another_number_of_strands_is_refused_saying_which_it_has(store):
    deploy()
    before = catalog(store)
    with pytest.raises(PropertyError, match="created with 8, for good; write 8"):
        deploy("Update", Strands="4", Tables=[{"Name": "more"}])
    assert catalog(store) == before
