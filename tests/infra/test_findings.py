"""Three packs of cdk-nag, and the CDK's own validation of templates, over the whole app."""

import json
from pathlib import Path

import pytest
from aws_cdk import App, CfnResource, Stack, Validations
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_opensearchservice as opensearch
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks

from infra.alarm_topic import AlarmTopic
from infra.compliance import accept
from infra.findings import acknowledge
from infra.search_index import SearchIndex
from tests.infra.streams import journal_in_kinesis
from tests.infra.synthesis import CONTEXT, add_stacks, new_outdir, scratch_stack

PACKS = (AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks)
RULES_OF_THE_BUCKET = {"AwsSolutions-S1", "NIST.800.53.R5-S3BucketLoggingEnabled", "PCI.DSS.321-S3BucketLoggingEnabled"}


def checked_app():
    app = App(context=CONTEXT, outdir=new_outdir(), builtin_cloud_formation_validation=True)
    Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))
    return app


def findings(app):
    """Give every finding of the checks as (rule, path)."""
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    file = Path(app.outdir) / "validation-report.json"
    return [
        (violation["ruleName"], construct["constructPath"])
        for plugin in (json.loads(file.read_text())["pluginReports"] if file.exists() else [])
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def bucket_stack(app):
    stack = Stack(app, "Scratch")
    return s3.Bucket(stack, "Bucket")


def test_the_app_has_no_finding_with_everything_turned_on():
    app = checked_app()
    add_stacks(app, search_index=True, backup_days=35, backup_lock="COMPLIANCE")
    assert findings(app) == []


def test_a_search_index_in_a_domain_that_exists_has_no_finding():
    app = checked_app()
    stack = Stack(app, "Scratch")
    domain = opensearch.Domain.from_domain_endpoint(
        stack, "Domain", "https://search-books-1.eu-west-1.es.amazonaws.com"
    )
    search = SearchIndex(stack, "Search", stream=journal_in_kinesis(stack), domain=domain)
    topic = cloudwatch_actions.SnsAction(AlarmTopic(stack, "AlarmTopic").topic)
    for alarm in search.alarms:
        alarm.add_alarm_action(topic)
    assert findings(app) == []


def test_a_finding_would_be_reported():
    app = checked_app()
    bucket_stack(app)
    assert {rule for rule, _ in findings(app)} > RULES_OF_THE_BUCKET


def test_a_resource_that_cloudformation_refuses_would_be_reported():
    app = checked_app()
    CfnResource(Stack(app, "Scratch"), "Old", type="AWS::QLDB::Ledger", properties={"PermissionsMode": "STANDARD"})
    assert findings(app)


def test_an_acknowledged_finding_is_silent_and_the_others_are_not():
    app = checked_app()
    bucket = bucket_stack(app)
    acknowledge(bucket, "AwsSolutions-S1", "Nobody reads it")
    accept(bucket, "S3BucketLoggingEnabled")
    found = {rule for rule, _ in findings(app)}
    assert not found & RULES_OF_THE_BUCKET
    assert {"AwsSolutions-S10", "NIST.800.53.R5-S3BucketReplicationEnabled"} <= found


def test_a_rule_without_a_written_reason_cannot_be_accepted():
    with pytest.raises(KeyError):
        accept(scratch_stack(), "LambdaFunctionPublicAccessProhibited")
