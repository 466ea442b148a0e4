import json
from datetime import UTC, datetime

import pytest
from aws_cdk import Duration, Size
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from infra.digest_notary import DigestNotary
from infra.errors import PropError
from infra.ledger_auditor import LedgerAuditor
from lambdas.evidence.settings import AuditSettings, EvidenceSettings
from ledger.audit.files import report_key, state_key
from tests.infra.streams import KEY_ARN, alarms, function, rights, streamed_ledger
from tests.infra.synthesis import only, resources, scratch_role, scratch_stack, statements, template_of
from tests.infra.test_digest_notary import OWNER, READ, acts, foreign_bucket, resources_of


def auditor(stack, notarised="books", **options):
    notary = DigestNotary.from_digest_notary_attributes(
        stack,
        "Notary",
        ledger_name=notarised,
        bucket=foreign_bucket(stack, key=False),
        bucket_owner=OWNER,
        signing_keys=[kms.Key.from_key_arn(stack, "SigningKey", KEY_ARN)],
    )
    return LedgerAuditor(stack, "Auditor", ledger=streamed_ledger(stack), notary=notary, **options)


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    auditor(stack, interval=Duration.minutes(30), rolling=Duration.minutes(13)).grant_read_reports(scratch_role(stack))
    return template_of(stack)


def variables(template):
    return function(template, "Auditor")["Environment"]["Variables"]


def rule_for(template, key):
    """The lifecycle rule that holds for a key."""
    rules = only(template, "AWS::S3::Bucket")["Properties"]["LifecycleConfiguration"]["Rules"]
    (found,) = [rule for rule in rules if rule.get("Prefix") and key.startswith(rule["Prefix"])]
    return found


def on_audits(template, role):
    """What a role may do with objects in the auditor's bucket."""
    return {
        action
        for one in statements(template, role)
        for resource in resources_of(one)
        if "AuditorBucket" in json.dumps(resource) and "audits/*" in json.dumps(resource)
        for action in acts(one)
    }


# The function


def test_the_function_is_told_all_that_it_reads_of_its_environment(template):
    settings, audits = EvidenceSettings.read(variables(template)), AuditSettings.read(variables(template))
    assert (settings.bucket, settings.bucket_owner, settings.key_arns) == ("digests", OWNER, (KEY_ARN,))
    assert (settings.ledger_name, settings.ledger_table) == ("books", "cells")
    assert audits.bucket == {"Ref": next(iter(resources(template, "AWS::S3::Bucket")))}
    assert (audits.bucket_owner, audits.rolling_seconds) == ({"Ref": "AWS::AccountId"}, 780)
    assert function(template, "Auditor")["Handler"] == "lambdas.evidence.auditor.handler"


def test_the_function_may_run_as_long_as_lambda_lets_it_with_a_whole_processor_and_much_disk(template):
    properties = function(template, "Auditor")
    assert (properties["Timeout"], properties["MemorySize"]) == (900, 1769)
    assert properties["EphemeralStorage"] == {"Size": 10240}
    stack = scratch_stack()
    auditor(stack, memory_mb=3008, ephemeral_storage=Size.gibibytes(1))
    properties = function(template_of(stack), "Auditor")
    assert (properties["MemorySize"], properties["EphemeralStorage"]) == (3008, {"Size": 1024})


def test_the_function_is_called_every_hour_unless_told_otherwise(template):
    assert only(template, "AWS::Events::Rule")["Properties"]["ScheduleExpression"] == "rate(30 minutes)"
    stack = scratch_stack()
    auditor(stack)
    assert only(template_of(stack), "AWS::Events::Rule")["Properties"]["ScheduleExpression"] == "rate(1 hour)"
    assert variables(template_of(stack))["ROLLING_SECONDS"] == "120"


def test_fields_that_are_carried_on_are_named_to_the_function(template):
    assert AuditSettings.read(variables(template)).carried == {}
    stack = scratch_stack()
    auditor(stack, carried_fields={"PreviousBalance": "CurrentBalance", "before": "now"})
    read = AuditSettings.read(variables(template_of(stack)))
    assert read.carried == {"PreviousBalance": "CurrentBalance", "before": "now"}


# Its files


def test_the_bucket_is_private_versioned_encrypted_with_a_key_of_its_own_and_kept(template):
    bucket = only(template, "AWS::S3::Bucket")
    properties = bucket["Properties"]
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]["Fn::GetAtt"][0].startswith("AuditorKey")
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_reports_go_after_two_years_and_the_state_never_but_for_its_old_versions(template):
    report, state = rule_for(template, report_key("books", datetime(2026, 7, 30, tzinfo=UTC))), state_key("books")
    assert report["ExpirationInDays"] == 730
    assert "ExpirationInDays" not in rule_for(template, state)
    assert rule_for(template, state)["NoncurrentVersionExpiration"] == {
        "NoncurrentDays": 1,
        "NewerNoncurrentVersions": 3,
    }
    stack = scratch_stack()
    auditor(stack, keep_reports=Duration.days(10))
    assert rule_for(template_of(stack), "books/audits/2031/")["ExpirationInDays"] == 10


def test_a_key_that_is_given_encrypts_the_bucket_and_the_log():
    stack = scratch_stack()
    auditor(
        stack,
        encryption_key=kms.Key.from_key_arn(stack, "Key", KEY_ARN),
        access_logs=s3.Bucket.from_bucket_name(stack, "Logs", "logs-of-all"),
    )
    template = template_of(stack)
    properties = only(template, "AWS::S3::Bucket")["Properties"]
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY_ARN
    assert properties["LoggingConfiguration"]["DestinationBucketName"] == "logs-of-all"
    assert only(template, "AWS::Logs::LogGroup")["Properties"]["KmsKeyId"] == KEY_ARN


# Rights


def test_the_auditor_reads_the_ledger_and_the_digests_and_writes_its_own_files_only(template):
    assert rights(template, "AuditorRole", "dynamodb") == {"BatchGetItem", "GetItem", "Query"}
    assert rights(template, "AuditorRole", "s3") == {*READ, "PutObject"}
    assert on_audits(template, "AuditorRole") == {"s3:GetObject", "s3:PutObject"}
    assert rights(template, "AuditorRole", "kms") == {"Decrypt", "DescribeKey", "GenerateDataKey", "GetPublicKey"}


def test_a_reader_of_reports_reads_them_and_no_digests(template):
    assert rights(template, "Reader", "s3") == {"GetObject", "ListBucket"}
    assert on_audits(template, "Reader") == {"s3:GetObject"}
    assert "digests" not in json.dumps(list(statements(template, "Reader")))
    assert rights(template, "Reader", "kms") == {"Decrypt", "DescribeKey"}


# Alarms and metrics


def test_a_finding_rings_at_once(template):
    findings = alarms(template, "AuditorFindings")
    assert (findings["MetricName"], findings["Threshold"], findings["EvaluationPeriods"]) == ("AuditFindings", 0, 1)
    assert findings["Dimensions"] == [{"Name": "Ledger", "Value": "books"}]


def test_audits_that_do_not_come_to_their_end_ring_and_so_do_none(template):
    old = alarms(template, "AuditorTooOld")
    assert (old["MetricName"], old["Threshold"], old["Period"]) == ("AuditAge", 5400, 5400)
    assert old["TreatMissingData"] == "breaching"


def test_an_auditor_that_is_not_called_rings(template):
    silent = alarms(template, "AuditorSilent")
    assert (silent["MetricName"], silent["Period"], silent["EvaluationPeriods"]) == ("Invocations", 1800, 3)
    assert (silent["ComparisonOperator"], silent["TreatMissingData"]) == ("LessThanThreshold", "breaching")


def test_an_auditor_that_fails_rings_when_it_does_not_get_better_by_itself(template):
    errors = alarms(template, "AuditorErrors")
    assert (errors["MetricName"], errors["Period"], errors["EvaluationPeriods"]) == ("Errors", 1800, 2)


def test_metrics_are_those_that_the_function_writes():
    made = auditor(scratch_stack())
    metrics = [made.metric_findings(), made.metric_blocks(), made.metric_audit_age()]
    assert [metric.metric_name for metric in metrics] == ["AuditFindings", "AuditedBlocks", "AuditAge"]
    assert {metric.period.to_minutes() for metric in metrics} == {1}
    assert made.metric_errors(period=Duration.minutes(7)).period.to_minutes() == 7


# What cannot work


@pytest.mark.parametrize("interval", [Duration.minutes(14), Duration.seconds(950), Duration.hours(9)])
def test_an_interval_that_a_run_may_exceed_or_that_cannot_be_watched_is_refused(interval):
    with pytest.raises(PropError, match=r"interval is .*; give whole minutes, 15 to 480"):
        auditor(scratch_stack(), interval=interval)


@pytest.mark.parametrize("rolling", [Duration.seconds(0), Duration.minutes(14)])
def test_a_rolling_time_that_does_not_fit_into_a_run_is_refused(rolling):
    with pytest.raises(PropError, match=r"rolling is .*; a run has 15 minutes in all, so give 1 second to 13 minutes"):
        auditor(scratch_stack(), rolling=rolling)


def test_an_age_that_one_interval_may_reach_is_refused():
    with pytest.raises(PropError, match=r"max_age is 1 hour; give whole minutes, 120 to 1440"):
        auditor(scratch_stack(), max_age=Duration.hours(1))


@pytest.mark.parametrize("fields", [{"a,b": "c"}, {"a": "b=c"}, {"": "a"}])
def test_fields_that_cannot_be_named_to_the_function_are_refused(fields):
    with pytest.raises(PropError, match=r"carried_fields has the field '.*'; give names without commas"):
        auditor(scratch_stack(), carried_fields=fields)


def test_digests_of_another_ledger_are_refused():
    with pytest.raises(PropError, match="notary is that of ledger 'bikes'; give the one of 'books'"):
        auditor(scratch_stack(), notarised="bikes")
