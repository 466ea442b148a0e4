import pytest
from aws_cdk import Duration

from infra.ledger import Ledger
from infra.ledger_tables import LedgerTables
from tests.infra.synthesis import allowed, only, resources, scratch_stack, synthesised, template_of
from tests.infra.test_ledger import READ, WRITE

RESOURCE = "Custom::LedgerTables"


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    LedgerTables(
        stack,
        "Tables",
        ledger=Ledger(stack, "Ledger", ledger_name="books", strands=3),
        tables={"people": ["email", "name"], "plain": []},
        drop_unlisted_indexes=True,
        service_timeout=Duration.minutes(1),
    )
    return template_of(stack)


def test_the_custom_resource_gets_the_ledger_and_each_table_with_its_indexes(template):
    properties = only(template, RESOURCE)["Properties"]
    (table_id,) = resources(template, "AWS::DynamoDB::Table")
    assert properties["LedgerName"] == "books"
    assert properties["LedgerTable"] == {"Ref": table_id}
    assert properties["Strands"] == "3"
    assert properties["Tables"] == [{"Name": "people", "Indexes": ["email", "name"]}, {"Name": "plain", "Indexes": []}]
    assert properties["DropUnlistedIndexes"] == "true"


def test_cloudformation_waits_for_the_answer_no_longer_than_asked(template):
    assert only(template, RESOURCE)["Properties"]["ServiceTimeout"] == "60"


def test_the_wallets_tables_drop_no_index_and_time_out_after_five_minutes():
    properties = only(synthesised().ledger, RESOURCE)["Properties"]
    assert properties["DropUnlistedIndexes"] == "false"
    assert properties["ServiceTimeout"] == "300"
    assert properties["Tables"] == [
        {"Name": "wallettable", "Indexes": ["email"]},
        {"Name": "idempotency", "Indexes": ["key"]},
    ]


def test_the_handler_can_use_the_ledger_and_nothing_else(template):
    found = allowed(template, "TablesHandlerRole")
    assert {action for action in found if action.startswith("dynamodb:")} == READ | WRITE
    assert {action.split(":")[0] for action in found} == {"dynamodb", "kms", "logs", "xray"}


def test_the_provider_can_call_the_handler_and_nothing_else(template):
    found = allowed(template, "TablesProviderRole")
    assert found == {"lambda:InvokeFunction", "lambda:GetFunction", "logs:CreateLogStream", "logs:PutLogEvents"}


def test_the_tables_can_be_changed_only_after_the_table_and_its_rights_exist(template):
    role_policy = next(name for name in resources(template, "AWS::IAM::Policy") if name.startswith("TablesHandlerRole"))
    (handler,) = [body for name, body in resources(template, "AWS::Lambda::Function").items() if "Handler" in name]
    assert role_policy in handler["DependsOn"]
