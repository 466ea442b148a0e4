"""A ledger and a Kinesis stream from elsewhere, for trying the constructs that take them."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms

from infra.ledger import Ledger
from tests.infra.synthesis import actions, statements

TABLE_ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/cells"
STREAM_ARN = "arn:aws:kinesis:eu-west-1:111122223333:stream/journal"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"


def streamed_ledger(stack, name="books"):
    """Give a ledger made elsewhere, whose table has a change stream."""
    table = dynamodb.Table.from_table_attributes(
        stack, f"{name}Cells", table_arn=TABLE_ARN, table_stream_arn=f"{TABLE_ARN}/stream/1"
    )
    return Ledger.from_ledger_attributes(stack, f"{name}Ledger", ledger_name=name, table=table)


def journal_in_kinesis(stack, *, encrypted=True):
    """Give a Kinesis stream made elsewhere."""
    key = kms.Key.from_key_arn(stack, "StreamKey", KEY_ARN) if encrypted else None
    return kinesis.Stream.from_stream_attributes(stack, "Journal", stream_arn=STREAM_ARN, encryption_key=key)


def rights(template, role, service):
    """Give the actions of one service that a role may take."""
    found = {action for statement in statements(template, role) for action in actions(statement)}
    return {action.partition(":")[2] for action in found if action.startswith(f"{service}:")}


def function(template, name):
    """Give the properties of the function whose logical id begins so."""
    (found,) = [
        body["Properties"]
        for key, body in template["Resources"].items()
        if body["Type"] == "AWS::Lambda::Function" and key.startswith(name)
    ]
    return found


def alarms(template, name):
    """Give the properties of the alarm whose logical id begins so."""
    (found,) = [
        body["Properties"]
        for key, body in template["Resources"].items()
        if body["Type"] == "AWS::CloudWatch::Alarm" and key.startswith(name)
    ]
    return found
