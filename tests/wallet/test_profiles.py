import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from lambdas.wallet.errors import AccountExistsError, InsufficientFundsError
from lambdas.wallet.profiles import DynamoDBProfiles
from lambdas.wallet.requests import CreateAccount
from tests.wallet.ledgers import ANA, BOB, add, open_account, transfer, withdraw


def pending(driver):
    rows = driver.execute_lambda(lambda txn: txn.execute_statement("SELECT email, profilePending FROM wallettable"))
    return {str(row["email"]) for row in rows if "profilePending" in row}


def test_profile_is_written_when_the_account_is_created(wallet, profiles):
    open_account(wallet, ANA)
    assert profiles.by_email == {ANA: "Ana"}


def test_lost_profile_is_written_by_the_next_call_that_changes_the_account(wallet, profiles, driver):
    profiles.down = True
    open_account(wallet, ANA)
    profiles.down = False
    add(wallet, ANA, "1.00")
    assert profiles.by_email == {ANA: "Ana"}
    assert pending(driver) == set()


def test_profile_stays_pending_for_as_long_as_its_table_fails_and_no_call_fails(wallet, profiles, driver):
    profiles.down = True
    open_account(wallet, ANA)
    add(wallet, ANA, "5.00")
    withdraw(wallet, ANA, "1.00")
    assert pending(driver) == {ANA}
    profiles.down = False
    withdraw(wallet, ANA, "1.00")
    assert profiles.by_email == {ANA: "Ana"}
    assert pending(driver) == set()


def test_profile_is_looked_after_once_and_then_costs_nothing(wallet, profiles):
    open_account(wallet, ANA)
    add(wallet, ANA, "5.00")
    puts = profiles.puts
    add(wallet, ANA, "5.00")
    withdraw(wallet, ANA, "1.00")
    assert profiles.puts == puts


def test_transfer_writes_the_lost_profiles_of_both(wallet, profiles, driver):
    open_account(wallet, ANA, "5.00")
    profiles.down = True
    profiles.by_email.clear()
    open_account(wallet, BOB)
    profiles.down = False
    transfer(wallet, ANA, BOB, "1.00")
    assert profiles.by_email == {BOB: "Bob"}
    assert pending(driver) == set()


def test_creating_an_account_again_is_rejected_and_writes_its_lost_profile(wallet, profiles):
    profiles.down = True
    open_account(wallet, ANA)
    profiles.down = False
    with pytest.raises(AccountExistsError):
        wallet.create_account(CreateAccount(ANA, "Somebody else"))
    assert profiles.by_email == {ANA: "Ana"}


def test_rejected_call_does_not_touch_the_pending_mark(wallet, profiles, driver):
    open_account(wallet, ANA)
    with pytest.raises(InsufficientFundsError):
        withdraw(wallet, ANA, "1.00")
    assert pending(driver) == {ANA}


@pytest.fixture
def dynamodb():
    client = boto3.client(
        "dynamodb",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


PUT = {
    "TableName": "profiles",
    "Item": {"email": {"S": ANA}, "username": {"S": "Ana"}},
    "ConditionExpression": "attribute_not_exists(email)",
}


def test_profile_is_put_only_where_there_is_none(dynamodb):
    client, stubber = dynamodb
    stubber.add_response("put_item", {}, PUT)
    assert DynamoDBProfiles(client, "profiles").ensure(ANA, "Ana")


def test_profile_that_is_there_counts_as_written(dynamodb):
    client, stubber = dynamodb
    stubber.add_client_error("put_item", "ConditionalCheckFailedException", expected_params=PUT)
    assert DynamoDBProfiles(client, "profiles").ensure(ANA, "Ana")


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "AccessDeniedException", "InternalServerError"]
)
def test_profile_that_cannot_be_put_is_told_and_not_raised(dynamodb, code):
    client, stubber = dynamodb
    stubber.add_client_error("put_item", code, expected_params=PUT)
    assert not DynamoDBProfiles(client, "profiles").ensure(ANA, "Ana")


def test_failing_table_is_left_alone_for_ten_seconds(dynamodb):
    client, stubber = dynamodb
    now = [100.0]
    profiles = DynamoDBProfiles(client, "profiles", seconds=lambda: now[0])
    stubber.add_client_error("put_item", "InternalServerError", expected_params=PUT)
    assert not profiles.ensure(ANA, "Ana")
    now[0] += 9.9
    assert not profiles.ensure(ANA, "Ana")
    now[0] += 0.1
    stubber.add_response("put_item", {}, PUT)
    assert profiles.ensure(ANA, "Ana")
