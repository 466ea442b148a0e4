"""A deployment of its own: made beside the other one, updated, destroyed, and what is left then."""

from dataclasses import replace

import boto3
import pytest

from lambdas.wallet.requests import CheckFunds
from lambdas.wallet.wallet import Wallet
from ledger import driver as ledger_driver
from ledger.audit import audit
from ledger.store import DynamoDBStore
from local import calls, cdk
from tests.e2e.conftest import Deployed
from tests.e2e.test_wallet_api import balance, open_account


@pytest.fixture(scope="module")
def target(deployed):
    """Where a second deployment goes: the same account and region, other stack names."""
    directory = deployed.target.directory / "lifecycle"
    settings = {**deployed.target.settings, "deployment": "lifecycle", "strands": "4"}
    return replace(deployed.target, directory=directory, settings=settings)


def deploy(cloud, target):
    outputs = calls.localised(cdk.deploy(target), cloud.endpoint_url)
    return Deployed(cloud, target, outputs, calls.api_url(outputs))


def test_money_outlives_an_update_and_the_tables_outlive_the_stacks(deployed, target):
    first = deploy(deployed.cloud, target)
    ana = open_account(first, 250)
    assert deployed.call("POST", "/checkfunds", {"email": ana}).status == 404

    updated = deploy(deployed.cloud, replace(target, settings={**target.settings, "memory_mb": "512"}))
    assert updated.api_url == first.api_url
    assert balance(updated, ana) == 250

    cdk.run(target, "destroy", "--all", "--force", "--app", str(target.assembly))
    assert stacks_left(deployed.cloud) == []
    dynamodb = boto3.client("dynamodb", **deployed.cloud.client_options())
    assert balance_in_ledger(dynamodb, updated.outputs["lifecycle-ledger"], ana) == 250
    profiles = dynamodb.scan(TableName=updated.outputs["lifecycle-wallet"]["DynamoDBtableName"])["Items"]
    assert profiles == [{"email": {"S": ana}, "username": {"S": "Ana"}}]


def stacks_left(cloud):
    cloudformation = boto3.client("cloudformation", **cloud.client_options())
    stacks = cloudformation.list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])["StackSummaries"]
    return [stack["StackName"] for stack in stacks if stack["StackName"].startswith("lifecycle-")]


def balance_in_ledger(dynamodb, outputs, email):
    """Read the balance without any function of the destroyed stacks; the ledger's journal must be sound, too."""
    name = outputs["QLDBLedgerName"]
    store = DynamoDBStore(outputs["LedgerTableName"], namespace=name, client=dynamodb)
    assert list(audit(store, name)) == []
    with ledger_driver.connect(name, store) as driver:
        return Wallet(driver).check_funds(CheckFunds(email)).fields["CurrentBalance"]
