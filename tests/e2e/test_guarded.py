"""What needs signatures and IAM policies to be checked, and what changes a deployment: on a cloud of its own."""

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdas.wallet.requests import CheckFunds
from lambdas.wallet.wallet import Wallet
from ledger import driver as ledger_driver
from ledger.audit import audit
from ledger.store import DynamoDBStore
from local.cloud import running_cloud
from tests.e2e.guarded import Guarded
from tests.e2e.test_wallet_api import balance, new_email, open_account


@pytest.fixture(scope="module")
def guarded():
    with running_cloud(auth=True) as cloud:
        yield Guarded.on(cloud)


def client(guarded, service, credentials=None):
    options = guarded.cloud.client_options()
    if credentials:
        options |= {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
    return boto3.client(service, **options)


def role_of(guarded, function):
    """Give credentials of the role of the function whose logical name starts so."""
    functions = client(guarded, "lambda").list_functions()["Functions"]
    (arn,) = [found["Role"] for found in functions if f"Functions{function}" in found["FunctionName"]]
    return client(guarded, "sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]


def tables(guarded):
    outputs = guarded.deployed.outputs
    return outputs["captable1-ledger"]["LedgerTableName"], outputs["captable1-wallet"]["DynamoDBtableName"]


@pytest.mark.parametrize(
    "call", ["createaccount", "checkfunds", "addfunds", "withdrawfunds", "transferfunds", "history", "digest", "verify"]
)
def test_unsigned_call_is_403(guarded, call):
    refused = guarded.deployed.call("POST", f"/{call}", {"email": "ana@example.com"}, sign=False)
    assert (refused.status, refused.json["statuscode"]) == (403, 403)


def test_each_function_has_the_rights_that_its_call_needs(guarded):
    ana, bob = open_account(guarded.deployed, 10), open_account(guarded.deployed, name="bob")
    answers = [
        guarded.deployed.call(method, path, body).status
        for method, path, body in (
            ("POST", "/withdrawfunds", {"email": ana, "WithdrawFunds": 1}),
            ("POST", "/withdrawfunds", {"email": ana, "WithdrawFunds": 100}),
            ("POST", "/transferfunds", {"from": ana, "to": bob, "TransferFunds": 2}),
            ("POST", "/checkfunds", {"email": ana}),
            ("GET", f"/checkfunds?email={ana}", None),
            ("POST", "/history", {"email": ana}),
            ("POST", "/digest", {}),
            ("POST", "/verify", {"email": ana}),
        )
    ]
    assert answers == [200, 409, 200, 200, 200, 200, 200, 200]
    profile = client(guarded, "dynamodb").get_item(TableName=tables(guarded)[1], Key={"email": {"S": ana}})
    assert profile["Item"] == {"email": {"S": ana}, "username": {"S": "Ana"}}


@pytest.mark.parametrize("function", ["CheckFunds", "History", "Digest", "Verify"])
def test_function_that_reads_can_write_neither_ledger_nor_profiles(guarded, function):
    dynamodb = client(guarded, "dynamodb", role_of(guarded, function))
    assert dynamodb.get_item(TableName=tables(guarded)[0], Key={"pk": {"S": "x"}, "sk": {"S": "x"}})
    for table, item in zip(tables(guarded), ({"pk": {"S": "x"}, "sk": {"S": "x"}}, {"email": {"S": "x"}}), strict=True):
        with pytest.raises(ClientError, match="AccessDenied"):
            dynamodb.put_item(TableName=table, Item=item)


@pytest.mark.parametrize("function", ["CreateAccount", "AddFunds", "WithdrawFunds", "TransferFunds"])
def test_function_that_writes_can_neither_read_nor_delete_profiles(guarded, function):
    dynamodb = client(guarded, "dynamodb", role_of(guarded, function))
    for forbidden in (dynamodb.get_item, dynamodb.delete_item):
        with pytest.raises(ClientError, match="AccessDenied"):
            forbidden(TableName=tables(guarded)[1], Key={"email": {"S": new_email()}})


def test_money_outlives_an_update_and_the_tables_outlive_the_stacks(guarded):
    ana = open_account(guarded.deployed, 250)
    before = guarded.deployed
    guarded.update(memory_mb="512")
    assert guarded.deployed.api_url == before.api_url
    assert balance(guarded.deployed, ana) == 250

    guarded.destroy()
    assert stacks_left(guarded) == []
    assert balance_in_ledger(guarded, ana) == 250
    profile = client(guarded, "dynamodb").get_item(TableName=tables(guarded)[1], Key={"email": {"S": ana}})
    assert profile["Item"]["username"] == {"S": "Ana"}

    guarded.deploy_again()
    assert guarded.deployed.call("POST", "/checkfunds", {"email": ana}).status == 404
    assert balance(guarded.deployed, open_account(guarded.deployed, 7)) == 7


def stacks_left(guarded):
    cloudformation = client(guarded, "cloudformation")
    stacks = cloudformation.list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])["StackSummaries"]
    return [stack["StackName"] for stack in stacks if stack["StackName"].startswith("captable1-")]


def balance_in_ledger(guarded, email):
    """Read the balance without any function of the destroyed stacks; the ledger's journal must be sound, too."""
    name = guarded.deployed.outputs["captable1-ledger"]["QLDBLedgerName"]
    store = DynamoDBStore(tables(guarded)[0], namespace=name, client=client(guarded, "dynamodb"))
    assert list(audit(store, name)) == []
    with ledger_driver.connect(name, store) as driver:
        return Wallet(driver).check_funds(CheckFunds(email)).fields["CurrentBalance"]
