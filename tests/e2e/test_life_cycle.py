"""The life of a deployment, shown by a second one that is beside the one that all tests share."""

import pytest

from ledger import driver as ledger_driver
from ledger.audit import audit
from ledger.store import DynamoDBStore
from local.errors import LocalError
from tests.e2e.life_cycle import NAME, LifeCycle
from tests.e2e.test_wallet_api import balance, open_account


@pytest.fixture(scope="module")
def cycle(cloud):
    return LifeCycle(cloud)


def output(cycle, stack, name):
    return cycle.deployed.outputs[f"{NAME}-{stack}"][name]


def store(cycle):
    name = output(cycle, "ledger", "QLDBLedgerName")
    return DynamoDBStore(
        output(cycle, "ledger", "LedgerTableName"), namespace=name, client=cycle.client("dynamodb")
    ), name


def queried(cycle, statement, *parameters):
    """Run a transaction on the ledger without any of its functions."""
    opened, name = store(cycle)
    with ledger_driver.connect(name, opened) as driver:
        return driver.execute_lambda(lambda txn: list(txn.execute_statement(statement, *parameters)))


def memory(cycle):
    functions = cycle.client("lambda").get_paginator("list_functions").paginate().search("Functions[]")
    return {each["MemorySize"] for each in functions if each["FunctionName"].startswith(f"{NAME}-wallet-Functions")}


def test_the_same_again_changes_nothing(cycle):
    assert cycle.stacks_that_differ(cycle.unchanged) == 0


def test_an_update_adds_a_table_and_an_index_to_the_live_ledger_and_keeps_the_money(cycle):
    ana, before = open_account(cycle.deployed, 250), cycle.deployed
    assert "partnertable" not in indexes(cycle)
    changed = cycle.synthesised(change="more tables", memory_mb="512")
    assert cycle.stacks_that_differ(changed) >= 2
    cycle.deploy(changed, "ledger", "wallet")
    try:
        added = {"wallettable": {"email", "username"}, "idempotency": {"key"}, "partnertable": {"name"}}
        assert indexes(cycle) == added
        assert memory(cycle) == {512}
        assert balance(before, ana) == 250
    finally:
        cycle.deploy(cycle.unchanged, "ledger", "wallet")
    assert indexes(cycle) == added  # what is not listed any more stays
    assert memory(cycle) == {1024}
    assert ana in map(str, queried(cycle, "SELECT VALUE email FROM wallettable WHERE username = 'Ana'"))
    queried(cycle, "INSERT INTO partnertable ?", {"name": "Bank"})
    assert list(audit(*store(cycle))) == []


def indexes(cycle):
    """Give the ledger's tables with the fields of their indexes that are in use."""
    return {
        str(table["name"]): {
            str(index["expr"]).strip("[]") for index in table["indexes"] if index["status"] == "ONLINE"
        }
        for table in queried(cycle, "SELECT * FROM information_schema.user_tables WHERE status = 'ACTIVE'")
    }


def test_a_deployment_that_fails_is_rolled_back_and_the_wallet_still_answers(cycle):
    ana = open_account(cycle.deployed, 250)
    with pytest.raises(LocalError, match="created with 8"):
        cycle.deploy(cycle.synthesised(change="broken", memory_mb="512"), "wallet")
    assert memory(cycle) == {1024}
    assert balance(cycle.deployed, ana) == 250
    assert cycle.deployed.call("POST", "/addfunds", {"email": ana, "AddFunds": 1}).status == 200
    assert list(audit(*store(cycle))) == []


def test_what_is_destroyed_leaves_its_data_and_a_new_deployment_adopts_them(cycle):
    ana = open_account(cycle.deployed, 250)
    ledger, profiles = (resources(cycle, stack) for stack in ("ledger", "wallet"))
    cycle.destroy()
    assert stacks(cycle) == []
    assert list(audit(*store(cycle))) == []
    assert queried(cycle, "SELECT VALUE CurrentBalance FROM wallettable WHERE email = ?", ana) == [250]

    cycle.adopt("ledger", ledger)
    cycle.adopt("wallet", profiles)
    cycle.deploy(cycle.unchanged)
    assert balance(cycle.deployed, ana) == 250
    assert resources(cycle, "ledger") == ledger
    assert list(audit(*store(cycle))) == []
    assert cycle.stacks_that_differ(cycle.unchanged) == 0


IDENTIFIERS = {"AWS::DynamoDB::Table": "TableName", "AWS::KMS::Key": "KeyId"}


def resources(cycle, stack):
    """Give the tables and keys of a stack as `cdk import` takes them."""
    found = cycle.client("cloudformation").describe_stack_resources(StackName=f"{NAME}-{stack}")["StackResources"]
    return {
        each["LogicalResourceId"]: {IDENTIFIERS[each["ResourceType"]]: each["PhysicalResourceId"]}
        for each in found
        if each["ResourceType"] in IDENTIFIERS
    }


def stacks(cycle):
    pages = (
        cycle.client("cloudformation")
        .get_paginator("list_stacks")
        .paginate(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])
    )
    return [name for name in pages.search("StackSummaries[].StackName") if name.startswith(f"{NAME}-")]
