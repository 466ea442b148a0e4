import pytest
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms

from infra.ledger import Ledger
from tests.infra.synthesis import (
    actions,
    allowed,
    only,
    resources,
    scratch_role,
    scratch_stack,
    statements,
    template_of,
)

READ = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"}
WRITE = {"dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem"}
TABLE_ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/cells"


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    Ledger(stack, "Ledger")
    return template_of(stack)


def test_the_table_is_keyed_by_partition_and_sort_and_paid_by_request(template):
    table = only(template, "AWS::DynamoDB::Table")["Properties"]
    assert table["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert {one["AttributeType"] for one in table["AttributeDefinitions"]} == {"S"}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_table_can_be_restored_is_streamed_and_is_protected_from_deletion(template):
    table = only(template, "AWS::DynamoDB::Table")["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert table["DeletionProtectionEnabled"] is True


def test_the_table_is_encrypted_with_a_key_of_its_own_that_rotates(template):
    ((key_id, key),) = resources(template, "AWS::KMS::Key").items()
    encryption = only(template, "AWS::DynamoDB::Table")["Properties"]["SSESpecification"]
    assert encryption == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Fn::GetAtt": [key_id, "Arn"]}}
    assert key["Properties"]["EnableKeyRotation"] is True


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::Table", "AWS::KMS::Key"])
def test_state_is_kept_when_the_stack_is_deleted_or_the_resource_replaced(template, kind):
    resource = only(template, kind)
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_tables_name_is_generated_unless_one_is_given(template):
    assert "TableName" not in only(template, "AWS::DynamoDB::Table")["Properties"]
    stack = scratch_stack()
    Ledger(stack, "Ledger", table_name="cells")
    assert only(template_of(stack), "AWS::DynamoDB::Table")["Properties"]["TableName"] == "cells"


def test_a_ledger_for_a_trial_can_be_deleted_with_its_stack():
    stack = scratch_stack()
    Ledger(stack, "Ledger", deletion_protection=False, removal_policy=RemovalPolicy.DESTROY)
    template = template_of(stack)
    assert only(template, "AWS::DynamoDB::Table")["DeletionPolicy"] == "Delete"
    assert only(template, "AWS::KMS::Key")["DeletionPolicy"] == "Delete"


def test_a_key_that_exists_is_used_instead_of_a_new_one():
    stack = scratch_stack()
    Ledger(stack, "Ledger", encryption_key=kms.Key(stack, "Shared"))
    (key_id,) = resources(template_of(stack), "AWS::KMS::Key")
    assert key_id.startswith("Shared")


def test_a_reader_can_read_and_decrypt_and_nothing_else():
    stack = scratch_stack()
    Ledger(stack, "Ledger").grant_read(scratch_role(stack))
    assert allowed(template_of(stack), "Reader") == READ | {"kms:Decrypt", "kms:DescribeKey"}


def test_a_writer_can_commit_but_not_scan_or_administer_the_table():
    stack = scratch_stack()
    Ledger(stack, "Ledger").grant_read_write(scratch_role(stack))
    found = allowed(template_of(stack), "Reader")
    assert {action for action in found if action.startswith("dynamodb:")} == READ | WRITE
    assert not any("*" in action for action in found)


def test_a_forwarder_can_read_and_write_the_state_of_streams_and_nothing_else():
    stack = scratch_stack()
    Ledger(stack, "Ledger", ledger_name="books").grant_stream(scratch_role(stack))
    template = template_of(stack)
    (writing,) = [one for one in statements(template, "Reader") if "dynamodb:PutItem" in actions(one)]
    assert actions(writing) == {"dynamodb:ConditionCheckItem", "dynamodb:PutItem"}
    assert writing["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["books/stream*"]}}
    assert allowed(template, "Reader") >= READ | {"kms:GenerateDataKey"}


@pytest.mark.parametrize("grant", ["grant_read", "grant_read_write"])
def test_a_grant_reaches_the_one_table_and_only_the_ledgers_own_partitions(grant):
    stack = scratch_stack()
    ledger = Ledger(stack, "Ledger", ledger_name="books")
    getattr(ledger, grant)(scratch_role(stack))
    (statement,) = [one for one in statements(template_of(stack), "Reader") if actions(one) & READ]
    assert statement["Resource"] == {"Fn::GetAtt": [stack.get_logical_id(ledger.table.node.default_child), "Arn"]}
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["books/*", "books|*"]}}


def imported(stack, **attributes):
    table = dynamodb.Table.from_table_arn(stack, "Cells", TABLE_ARN)
    return Ledger.from_ledger_attributes(stack, "Ledger", ledger_name="books", table=table, **attributes)


def test_an_imported_ledger_makes_nothing_and_grants_as_a_new_one_does():
    stack = scratch_stack()
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/1")
    imported(stack, encryption_key=key).grant_read(scratch_role(stack))
    template = template_of(stack)
    assert {body["Type"] for body in template["Resources"].values()} == {"AWS::IAM::Role", "AWS::IAM::Policy"}
    assert allowed(template, "Reader") == READ | {"kms:Decrypt", "kms:DescribeKey"}


def test_an_imported_ledger_without_a_key_of_its_own_grants_the_table_only():
    stack = scratch_stack()
    imported(stack).grant_read_write(scratch_role(stack))
    assert allowed(template_of(stack), "Reader") == READ | WRITE


def test_functions_are_told_the_ledgers_name_and_its_table():
    stack = scratch_stack()
    assert imported(stack).environment == {"LEDGER_NAME": "books", "LEDGER_TABLE": "cells"}


@pytest.mark.parametrize("metric", ["metric_conflicts", "metric_consumed_reads", "metric_consumed_writes"])
def test_metrics_are_sums_over_the_asked_period(metric):
    found = getattr(imported(scratch_stack()), metric)(period=Duration.minutes(1))
    assert (found.namespace, found.statistic, found.period.to_seconds()) == ("AWS/DynamoDB", "Sum", 60)
    assert found.dimensions == {"TableName": "cells"}
