"""`query --store`: a ledger in a DynamoDB table."""

import uuid

import pytest

from ledger.cli.main import main
from tests.store.conftest import dynamodb, table  # noqa: F401 - fixtures


@pytest.fixture
def place(cloud, table, monkeypatch):  # noqa: F811 - the fixture
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    return ("--store", f"dynamodb://{table}")


def test_a_ledger_in_a_table_is_asked_with_the_credentials_of_the_environment(place, capsys):
    ledger = f"demo-{uuid.uuid4().hex[:8]}"
    assert main(["create", ledger, *place]) == 0
    statements = "CREATE TABLE T; BEGIN; INSERT INTO T {'a': 1.50}; COMMIT; SELECT VALUE a FROM T"
    assert main(["query", ledger, *place, statements]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1.50"
    assert main(["query", ledger, *place, "SELECT FROM"]) == 1


def test_a_ledger_that_is_not_in_the_table_is_a_clear_error(place, capsys):
    assert main(["query", "nowhere", *place, "SELECT 1"]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_a_table_that_is_not_there_is_a_clear_error(place, capsys):
    assert main(["query", "demo", "--store", "dynamodb://no-such-table", "SELECT 1"]) == 1
    assert capsys.readouterr().err.startswith("error: ")
