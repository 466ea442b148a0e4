import pytest
from aws_cdk import RemovalPolicy

from infra.transaction_view import TransactionView
from tests.infra.streams import KEY_ARN, function, journal_in_kinesis, rights, streamed_ledger
from tests.infra.synthesis import only, resources, scratch_role, scratch_stack, statements, template_of
from tests.infra.test_ledger import READ


def view(stack, **options):
    return TransactionView(stack, "View", stream=journal_in_kinesis(stack), ledger=streamed_ledger(stack), **options)


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    view(stack, ledger_table_name="accounts").grant_read(scratch_role(stack))
    return template_of(stack)


def on_view(template, role):
    (view_table,) = resources(template, "AWS::DynamoDB::Table")
    found = [one for one in statements(template, role) if one["Resource"] == {"Fn::GetAtt": [view_table, "Arn"]}]
    return {
        action for one in found for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }


def test_the_table_has_an_item_for_each_version_of_each_wallet(template):
    table = only(template, "AWS::DynamoDB::Table")["Properties"]
    assert table["KeySchema"] == [
        {"AttributeName": "wallet", "KeyType": "HASH"},
        {"AttributeName": "version", "KeyType": "RANGE"},
    ]
    assert {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]} == {
        "wallet": "S",
        "version": "N",
    }


def test_the_table_is_encrypted_with_the_streams_key_and_paid_by_request(template):
    table = only(template, "AWS::DynamoDB::Table")["Properties"]
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY_ARN}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_table_goes_with_its_stack_unless_asked_to_stay(template):
    assert only(template, "AWS::DynamoDB::Table")["DeletionPolicy"] == "Delete"
    stack = scratch_stack()
    view(stack, removal_policy=RemovalPolicy.RETAIN)
    assert only(template_of(stack), "AWS::DynamoDB::Table")["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize(
    ("name", "handler", "more"),
    [
        ("ViewWriter", "lambdas.stream.transaction_view.handler", {"DEAD_LETTER_QUEUE_URL"}),
        ("ViewRebuild", "lambdas.stream.transaction_view_rebuild.handler", {"LEDGER_NAME", "LEDGER_TABLE"}),
    ],
)
def test_a_function_knows_the_view_and_the_ledgers_table_and_what_else_it_needs(template, name, handler, more):
    found = function(template, name)
    variables = found["Environment"]["Variables"]
    assert found["Handler"] == handler
    assert set(variables) == {"VIEW_TABLE", "JOURNAL_TABLE_NAME", "POWERTOOLS_SERVICE_NAME", *more}
    assert variables["JOURNAL_TABLE_NAME"] == "accounts"


def test_the_rebuild_has_the_most_time_there_is(template):
    assert function(template, "ViewRebuild")["Timeout"] == 900


def test_the_writer_can_put_and_change_items_and_neither_read_nor_delete_them(template):
    assert on_view(template, "ViewWriterRole") == {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    assert rights(template, "ViewWriterRole", "dynamodb") == {"PutItem", "UpdateItem"}


def test_the_rebuild_reads_the_ledger_cannot_change_it_and_can_rewrite_the_view(template):
    assert on_view(template, "ViewRebuildRole") == {
        f"dynamodb:{action}" for action in ("DeleteItem", "PutItem", "Scan", "UpdateItem")
    }
    (ledger,) = [one for one in statements(template, "ViewRebuildRole") if "Condition" in one]
    assert set(ledger["Action"]) == READ


def test_a_reader_can_read_the_view_wallet_by_wallet_and_not_all_of_it(template):
    assert on_view(template, "Reader") == READ
    assert rights(template, "Reader", "kms") == {"Decrypt", "DescribeKey"}


def test_the_writer_consumes_the_stream(template):
    mapping = only(template, "AWS::Lambda::EventSourceMapping")["Properties"]
    assert mapping["FunctionName"]["Ref"].startswith("ViewWriter")
