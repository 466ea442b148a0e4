import json
from pathlib import Path

import pytest

from tests.infra.synthesis import resources, synthesised

FROZEN = json.loads((Path(__file__).parent / "frozen_ids.json").read_text())
FROZEN_KINDS = (
    "AWS::ApiGateway::RestApi",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "Custom::LedgerTables",
)
WALLET_OUTPUTS = {
    "CreateaccountApi",
    "CheckfundsApi",
    "AddfundsApi",
    "WithdrawfundsApi",
    "TransferfundsApi",
    "HistoryApi",
    "DigestApi",
    "VerifyApi",
    "ApiUrl",
    "DynamoDBtableName",
}
LEDGER_OUTPUTS = {"QLDBLedgerName", "LedgerTableName"}
ACCOUNT_WIDE_NAMES = (
    "AliasName",
    "BucketName",
    "FunctionName",
    "LayerName",
    "LogGroupName",
    "ManagedPolicyName",
    "Name",
    "RoleName",
    "TableName",
)


def closed_service_types(template):
    return [body["Type"] for body in template["Resources"].values() if body["Type"].startswith("AWS::QLDB::")]


def own_outputs(template):
    return {name for name in template["Outputs"] if not name.startswith("ExportsOutput")}


def physical_names(*templates):
    """Give every literal name that a template claims in its account: of resources of any kind, and of exports."""
    for template in templates:
        for body in template["Resources"].values():
            for key, value in body.get("Properties", {}).items():
                if key in ACCOUNT_WIDE_NAMES and isinstance(value, str) and body["Type"] != "AWS::ApiGateway::Model":
                    yield body["Type"], value
        for output in template["Outputs"].values():
            if "Export" in output:
                yield "export", output["Export"]["Name"]


def test_no_template_has_a_resource_of_the_closed_service():
    for template in synthesised().templates():
        assert closed_service_types(template) == []


def test_a_resource_of_the_closed_service_would_be_found():
    planted = {"Resources": {"Old": {"Type": "AWS::QLDB::Ledger"}, "Table": {"Type": "AWS::DynamoDB::Table"}}}
    assert closed_service_types(planted) == ["AWS::QLDB::Ledger"]


def test_the_outputs_are_those_that_clients_look_up():
    assert own_outputs(synthesised().ledger) == LEDGER_OUTPUTS
    assert own_outputs(synthesised().wallet) == WALLET_OUTPUTS


@pytest.mark.parametrize("output", sorted(WALLET_OUTPUTS - {"ApiUrl", "DynamoDBtableName"}))
def test_a_calls_output_is_its_full_url(output):
    template = synthesised(stage="live").wallet
    url = json.dumps(template["Outputs"][output]["Value"])
    assert '"https://"' in url
    assert url.rstrip('"]} ').endswith(f"/{output.removesuffix('Api').lower()}")


def test_the_ledgers_name_is_an_output_as_set():
    assert synthesised(ledger_name="books").ledger["Outputs"]["QLDBLedgerName"]["Value"] == "books"


@pytest.mark.parametrize("stack", ["ledger", "wallet"])
def test_logical_ids_of_what_must_not_be_replaced_stay_as_they_are(stack):
    template = getattr(synthesised(), stack)
    found = {kind: sorted(resources(template, kind)) for kind in FROZEN_KINDS}
    assert {kind: names for kind, names in found.items() if names} == FROZEN[stack]


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::Table", "AWS::KMS::Key"])
def test_everything_that_keeps_state_is_retained(kind):
    for template in synthesised().templates():
        for body in resources(template, kind).values():
            assert (body["DeletionPolicy"], body["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_profiles_are_encrypted_can_be_restored_and_are_protected_from_deletion():
    (table,) = resources(synthesised().wallet, "AWS::DynamoDB::Table").values()
    properties = table["Properties"]
    assert properties["KeySchema"] == [{"AttributeName": "email", "KeyType": "HASH"}]
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["DeletionProtectionEnabled"] is True


def test_two_deployments_share_no_physical_name():
    one, other = synthesised(deployment="one"), synthesised(deployment="other")
    assert not set(physical_names(*one.templates())) & set(physical_names(*other.templates()))


def test_a_physical_name_that_two_deployments_share_would_be_found():
    one = synthesised(deployment="one", profile_table_name="people")
    other = synthesised(deployment="other", profile_table_name="people")
    both = set(physical_names(*one.templates())) & set(physical_names(*other.templates()))
    assert both == {("AWS::DynamoDB::Table", "people")}


def test_nothing_is_built_by_docker():
    for manifest in synthesised().directory.glob("*.assets.json"):
        assert json.loads(manifest.read_text())["dockerImages"] == {}


def test_the_wallet_can_be_deleted_without_the_ledger_but_not_the_other_way_round():
    assert "ImportValue" in json.dumps(synthesised().wallet)
    assert "ImportValue" not in json.dumps(synthesised().ledger)
