import json
from pathlib import Path

import pytest

from tests.infra.streams import KEY_ARN, function, rights
from tests.infra.synthesis import OTHERWISE, only, resources, synthesised

FROZEN = json.loads((Path(__file__).parent / "frozen_ids.json").read_text())
FROZEN_KINDS = (
    "AWS::ApiGateway::RestApi",
    "AWS::Backup::BackupVault",
    "AWS::DynamoDB::Table",
    "AWS::Glue::Database",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Lambda::EventSourceMapping",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
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
    "ProofApi",
    "ApiUrl",
    "DynamoDBtableName",
}
LEDGER_OUTPUTS = {"AlarmTopicArn", "QLDBLedgerName", "LedgerTableName"}
STREAM_OUTPUTS = {
    "ArchiveBucket",
    "ArchiveDatabase",
    "ArchiveTable",
    "BalanceAlertsTable",
    "BalanceAlertsTopicArn",
    "JournalStreamName",
    "KinesisStreamArn",
    "KinesisStreamName",
    "TransactionViewRebuild",
    "TransactionViewTable",
}
EVIDENCE_OUTPUTS = {"AuditBucket", "AuditorFunction", "DigestBucket", "NotaryFunction", "SigningKeyArn"}
ACCOUNT_WIDE_NAMES = (
    "AliasName",
    "BackupVaultName",
    "BucketName",
    "DashboardName",
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
    return {name for name in template["Outputs"] if not name.startswith(("ExportsOutput", "PublishOutput"))}


def physical_names(*templates):
    """Give every literal name that a template claims in its account: of resources of any kind, and of exports."""
    for template in templates:
        for body in template["Resources"].values():
            properties = body.get("Properties", {})
            for key, value in {**properties, **properties.get("DatabaseInput", {})}.items():
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
    assert own_outputs(synthesised().stream) == STREAM_OUTPUTS
    assert own_outputs(synthesised().evidence) == EVIDENCE_OUTPUTS
    assert own_outputs(synthesised().wallet) == WALLET_OUTPUTS


@pytest.mark.parametrize("output", sorted(WALLET_OUTPUTS - {"ApiUrl", "DynamoDBtableName"}))
def test_a_calls_output_is_its_full_url(output):
    template = synthesised(**OTHERWISE).wallet
    url = json.dumps(template["Outputs"][output]["Value"])
    assert '"https://"' in url
    assert url.rstrip('"]} ').endswith(f"/{output.removesuffix('Api').lower()}")


def test_the_ledgers_name_is_an_output_as_set():
    assert synthesised(**OTHERWISE).ledger["Outputs"]["QLDBLedgerName"]["Value"] == "books"


@pytest.mark.parametrize("stack", ["ledger", "stream", "evidence", "wallet"])
def test_logical_ids_of_what_must_not_be_replaced_stay_as_they_are(stack):
    template = getattr(synthesised(), stack)
    found = {kind: sorted(resources(template, kind)) for kind in FROZEN_KINDS}
    assert {kind: names for kind, names in found.items() if names} == FROZEN[stack]


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::SQS::Queue"])
def test_everything_that_keeps_state_is_retained_but_the_view_which_is_made_from_the_journal(kind):
    found = {
        name: (body["DeletionPolicy"], body["UpdateReplacePolicy"])
        for template in synthesised().templates()
        for name, body in resources(template, kind).items()
    }
    assert found
    for name, policies in found.items():
        assert policies == (("Delete",) * 2 if name.startswith("ViewTable") else ("Retain",) * 2), name


def test_profiles_are_encrypted_can_be_restored_and_are_protected_from_deletion():
    (table,) = resources(synthesised().wallet, "AWS::DynamoDB::Table").values()
    properties = table["Properties"]
    assert properties["KeySchema"] == [{"AttributeName": "email", "KeyType": "HASH"}]
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["DeletionProtectionEnabled"] is True


def test_two_deployments_share_no_physical_name():
    one, other = (synthesised(deployment=name, search_index=True) for name in ("one", "other"))
    assert not set(physical_names(*one.templates())) & set(physical_names(*other.templates()))


def test_the_names_that_the_stream_takes_in_its_account_are_seen():
    kinds = {
        kind for kind, _ in physical_names(synthesised(deployment="one", search_index=True, backup_days=35).stream)
    }
    assert kinds >= {"AWS::Glue::Database", "AWS::Kinesis::Stream", "AWS::OpenSearchServerless::Collection"}


def test_the_streams_of_the_first_deployment_have_the_names_of_the_original_architecture():
    outputs = synthesised().stream["Outputs"]
    assert outputs["JournalStreamName"]["Value"] == "captable1-qldb-stream"
    assert only(synthesised().stream, "AWS::Kinesis::Stream")["Properties"]["Name"] == "captable1-kinesis-stream"


@pytest.mark.parametrize("part", ["Archive", "View", "Alerts"])
def test_what_is_made_of_the_stream_can_be_turned_off(part):
    assert any(name.startswith(part) for name in synthesised().stream["Resources"])
    without = synthesised(journal_archive=False, transaction_view=False, balance_alerts=False).stream
    assert not [name for name in (*without["Resources"], *without["Outputs"]) if name.startswith(part)]
    assert resources(without, "AWS::Kinesis::Stream")


def test_a_search_index_is_made_only_if_asked_for():
    assert not [name for name in synthesised().stream["Resources"] if name.startswith("Search")]
    with_search = synthesised(deployment="one", search_index=True, backup_days=35).stream
    assert resources(with_search, "AWS::OpenSearchServerless::Collection")


def test_settings_of_the_stream_reach_its_parts():
    template = synthesised(
        journal_stream_name="mine",
        kinesis_stream_name="events",
        kinesis_retention_hours=72,
        aggregation=True,
        archive_buffering_seconds=60,
        archive_cold_days=31,
        archive_deep_days=200,
        default_balance_threshold=5,
    ).stream
    text = json.dumps(template)
    stream = only(template, "AWS::Kinesis::Stream")["Properties"]
    assert (stream["Name"], stream["RetentionPeriodHours"]) == ("events", 72)
    for name, value in (("STREAM_NAME", "mine"), ("AGGREGATION_ENABLED", "true"), ("DEFAULT_THRESHOLD", "5")):
        assert f'"{name}": "{value}"' in text
    for name, value in (("IntervalInSeconds", 60), ("TransitionInDays", 31), ("TransitionInDays", 200)):
        assert f'"{name}": {value}' in text


def test_settings_of_the_evidence_reach_its_parts():
    template = synthesised(
        notary_minutes=7,
        object_lock_mode="GOVERNANCE",
        object_lock_days=30,
        signing_key_arns=f"{KEY_ARN},{KEY_ARN[:-1]}9",
        digest_bucket="digests",
        digest_bucket_owner="444455556666",
        digest_bucket_key_arn=KEY_ARN,
        audit_minutes=45,
    ).evidence
    notary = function(template, "Notary")["Environment"]["Variables"]
    assert (notary["OBJECT_LOCK_MODE"], notary["RETENTION_DAYS"]) == ("GOVERNANCE", "30")
    assert (notary["DIGEST_BUCKET"], notary["DIGEST_BUCKET_OWNER"]) == ("digests", "444455556666")
    assert notary["SIGNING_KEY_ARNS"] == f"{KEY_ARN},{KEY_ARN[:-1]}9"
    assert template["Outputs"]["SigningKeyArn"]["Value"] == KEY_ARN
    assert rights(template, "NotaryRole", "kms") == {
        "Decrypt",
        "DescribeKey",
        "GenerateDataKey",
        "GetPublicKey",
        "Sign",
    }
    rates = {rule["Properties"]["ScheduleExpression"] for rule in resources(template, "AWS::Events::Rule").values()}
    assert rates == {"rate(7 minutes)", "rate(45 minutes)"}
    assert [name[:7] for name in resources(template, "AWS::S3::Bucket")] == ["Auditor"]


def test_the_auditor_and_then_the_notary_as_well_can_be_turned_off():
    notary_only = synthesised(audit_minutes=0).evidence
    assert resources(notary_only, "AWS::Events::Rule").keys() == {"NotarySchedule5D411A5E"}
    assert own_outputs(notary_only) == {"DigestBucket", "NotaryFunction", "SigningKeyArn"}
    without = synthesised(notary_minutes=0, audit_minutes=0)
    assert "Resources" not in without.evidence
    assert "evidence" not in json.dumps(without.wallet)


def test_what_is_made_of_the_journal_hangs_on_the_ledger_and_the_wallet_does_not_hang_on_it():
    assert "captable1-ledger" in json.dumps(synthesised().stream)
    assert "captable1-stream" not in json.dumps((synthesised().ledger, synthesised().wallet))


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
