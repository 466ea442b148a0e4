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


def rights(grant):
    """Give what a grant allows on the table: action -> the partitions, and those of which one must be named."""
    stack = scratch_stack()
    ledger = Ledger(stack, "Ledger", ledger_name="books")
    getattr(ledger, grant)(scratch_role(stack))
    table = {"Fn::GetAtt": [stack.get_logical_id(ledger.table.node.default_child), "Arn"]}
    found = {}
    for one in statements(template_of(stack), "Reader"):
        if one["Resource"] == table:
            condition = one["Condition"]
            within = condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            naming = condition.get("ForAnyValue:StringLike", {}).get("dynamodb:LeadingKeys", [])
            for action in actions(one):
                found.setdefault(action, []).append((_list(within), _list(naming)))
    return found


def _list(value):
    return value if isinstance(value, list) else [value]


OWN = (["books/*", "books|*"], [])
READS = {action: [OWN] for action in READ}


def test_readers_read_the_ledgers_own_partitions():
    assert rights("grant_read") == READS


def test_who_appends_puts_what_documents_need_and_neither_the_catalog_nor_the_settings():
    found = rights("grant_append")
    [(partitions, _)] = found.pop("dynamodb:PutItem")
    assert {partition[6:].rstrip("/*") for partition in partitions} == {"block", "document", "history", "index"}
    assert found == READS | {"dynamodb:ConditionCheckItem": [(["books/*"], [])]}


def test_who_reads_and_writes_removes_entries_of_indexes_only():
    assert rights("grant_read_write") == READS | {
        "dynamodb:PutItem": [OWN],
        "dynamodb:ConditionCheckItem": [OWN],
        "dynamodb:DeleteItem": [(OWN[0], ["books/index/*"])],
    }


def test_who_redacts_may_besides_remove_notes_and_the_parts_of_large_blocks():
    found = rights("grant_redact")
    assert found.pop("dynamodb:DeleteItem") == [
        (OWN[0], ["books/index/*"]),
        (OWN[0], ["books/redaction", "books|block/*"]),
    ]
    assert found == {name: found for name, found in rights("grant_read_write").items() if name != "dynamodb:DeleteItem"}


def test_a_forwarder_writes_the_state_of_streams_only():
    streams = [(["books/stream*"], [])]
    assert rights("grant_stream") == READS | {"dynamodb:PutItem": streams, "dynamodb:ConditionCheckItem": streams}


@pytest.mark.parametrize("grant", ["grant_append", "grant_read_write", "grant_redact", "grant_stream"])
def test_who_writes_does_so_in_transactions_and_may_use_the_key(grant):
    stack = scratch_stack()
    getattr(Ledger(stack, "Ledger"), grant)(scratch_role(stack))
    template = template_of(stack)
    for one in statements(template, "Reader"):
        if actions(one) & WRITE:
            enclosing = one["Condition"]["ForAnyValue:StringEquals"]["dynamodb:EnclosingOperation"]
            assert _list(enclosing) == ["TransactWriteItems"]
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= allowed(template, "Reader")
    assert not any("*" in action for action in allowed(template, "Reader"))


def test_the_tables_own_policy_denies_everybody_to_remove_or_edit_a_block(template):
    policy = only(template, "AWS::DynamoDB::Table")["Properties"]["ResourcePolicy"]["PolicyDocument"]
    assert {(one["Effect"], one["Principal"]["AWS"], one["Resource"]) for one in policy["Statement"]} == {
        ("Deny", "*", "*")
    }
    denied = {action: one.get("Condition") for one in policy["Statement"] for action in actions(one)}
    blocks = {"dynamodb:LeadingKeys": ["captable1/block/*"]}
    of_one = {"ForAllValues:StringLike": blocks, "Null": {"dynamodb:LeadingKeys": "false"}}
    of_many = {"ForAnyValue:StringLike": blocks}
    assert denied == {
        "dynamodb:DeleteItem": of_one,
        "dynamodb:UpdateItem": of_one,
        "dynamodb:BatchWriteItem": of_many,
        "dynamodb:PartiQLDelete": of_many,
        "dynamodb:PartiQLInsert": of_many,
        "dynamodb:PartiQLUpdate": of_many,
        "dynamodb:UpdateTimeToLive": None,
    }


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
