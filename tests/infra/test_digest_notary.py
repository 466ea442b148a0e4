import json

import pytest
from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from infra.digest_bucket import DigestBucket, LockMode
from infra.digest_notary import DigestNotary
from infra.encryption import new_key
from infra.errors import PropError
from lambdas.evidence.settings import EvidenceSettings, read_retention
from tests.infra.streams import KEY_ARN, alarms, function, rights, streamed_ledger
from tests.infra.synthesis import only, resources, scratch_role, scratch_stack, statements, template_of

OTHER_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/99999999-1234-1234-1234-123456789012"
OWNER = "444455556666"
READ = {"GetObject", "GetObjectVersion", "ListBucket", "ListBucketVersions"}


def notary(stack, **options):
    return DigestNotary(stack, "Notary", ledger=streamed_ledger(stack), **options)


def foreign_bucket(stack, *, key=True):
    return s3.Bucket.from_bucket_attributes(
        stack,
        "Digests",
        bucket_name="digests",
        account=OWNER,
        encryption_key=kms.Key.from_key_arn(stack, "DigestsKey", OTHER_KEY_ARN) if key else None,
    )


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    notary(stack).grant_read_digests(scratch_role(stack))
    return template_of(stack)


@pytest.fixture(scope="module")
def elsewhere():
    """A notary with a bucket of another account, and keys of its own that were changed once."""
    stack = scratch_stack()
    signing, former = (kms.Key.from_key_arn(stack, *each) for each in (("New", KEY_ARN), ("Old", OTHER_KEY_ARN)))
    made = notary(
        stack,
        interval=Duration.minutes(10),
        max_age=Duration.hours(1),
        signing_key=signing,
        former_keys=[former],
        bucket=foreign_bucket(stack),
        bucket_owner=OWNER,
        lock_mode=LockMode.GOVERNANCE,
        retention=Duration.days(30),
    )
    made.grant_read_digests(scratch_role(stack))
    return template_of(stack)


def bucket(template):
    return only(template, "AWS::S3::Bucket")


def bucket_policy(template):
    found = only(template, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]["Statement"]
    return {one.get("Sid", str(place)): one for place, one in enumerate(found)}


def variables(template):
    return function(template, "Notary")["Environment"]["Variables"]


def signing_key(template):
    return next(one for one in resources(template, "AWS::KMS::Key").values() if "KeySpec" in one["Properties"])


# The archive


def test_nobody_can_remove_a_digest_for_a_year_unless_another_lock_is_asked_for(template):
    properties = bucket(template)["Properties"]
    assert properties["ObjectLockEnabled"] is True
    rule = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert rule == {"Mode": "COMPLIANCE", "Days": 365}
    stack = scratch_stack()
    notary(stack, lock_mode=LockMode.GOVERNANCE, retention=Duration.days(2))
    rule = bucket(template_of(stack))["Properties"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert rule == {"Mode": "GOVERNANCE", "Days": 2}


def test_the_bucket_is_private_versioned_encrypted_with_a_key_of_its_own_and_kept(template):
    properties = bucket(template)["Properties"]
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]["Fn::GetAtt"][0].startswith("NotaryKey")
    for kept in (bucket(template), *resources(template, "AWS::KMS::Key").values()):
        assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_no_digest_expires(template):
    rules = bucket(template)["Properties"]["LifecycleConfiguration"]["Rules"]
    assert not any("Expiration" in name for rule in rules for name in rule)


def test_the_bucket_is_reached_by_tls_only_and_nothing_in_it_is_written_over_or_hidden(template):
    policy = bucket_policy(template)
    assert {one["Effect"] for one in policy.values()} == {"Deny"}
    assert {json.dumps(one["Principal"]) for one in policy.values()} == {'{"AWS": "*"}'}
    assert {"Bool": {"aws:SecureTransport": "false"}} in [one.get("Condition") for one in policy.values()]
    over, hidden = policy["NothingIsWrittenOver"], policy["NothingIsHidden"]
    assert (over["Action"], over["Condition"]) == ("s3:PutObject", {"Null": {"s3:if-none-match": "true"}})
    assert (hidden["Action"], hidden.get("Condition")) == ("s3:DeleteObject", None)


def test_access_logs_go_where_they_are_asked_for():
    stack = scratch_stack()
    notary(stack, access_logs=s3.Bucket.from_bucket_name(stack, "Logs", "logs-of-all"))
    assert bucket(template_of(stack))["Properties"]["LoggingConfiguration"]["DestinationBucketName"] == "logs-of-all"


def test_a_bucket_that_is_given_is_not_made_and_its_owner_is_held_to(elsewhere):
    assert not resources(elsewhere, "AWS::S3::Bucket")
    assert (variables(elsewhere)["DIGEST_BUCKET"], variables(elsewhere)["DIGEST_BUCKET_OWNER"]) == ("digests", OWNER)
    assert not resources(elsewhere, "AWS::KMS::Key")


# The function


def test_the_function_is_told_all_that_it_reads_of_its_environment(elsewhere):
    settings, retention = EvidenceSettings.read(variables(elsewhere)), read_retention(variables(elsewhere))
    assert (settings.ledger_name, settings.ledger_table) == ("books", "cells")
    assert (settings.bucket, settings.bucket_owner) == ("digests", OWNER)
    assert settings.key_arns == (KEY_ARN, OTHER_KEY_ARN)
    assert retention == ("GOVERNANCE", 30)
    assert function(elsewhere, "Notary")["Handler"] == "lambdas.evidence.notary.handler"


def test_a_new_bucket_must_be_this_accounts(template):
    assert variables(template)["DIGEST_BUCKET_OWNER"] == {"Ref": "AWS::AccountId"}


def test_the_function_is_called_every_five_minutes_unless_told_otherwise(template, elsewhere):
    assert only(template, "AWS::Events::Rule")["Properties"]["ScheduleExpression"] == "rate(5 minutes)"
    assert only(elsewhere, "AWS::Events::Rule")["Properties"]["ScheduleExpression"] == "rate(10 minutes)"


def test_a_new_key_signs_on_p256_and_nothing_else_is_done_with_it(template):
    properties = signing_key(template)["Properties"]
    assert (properties["KeySpec"], properties["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert "EnableKeyRotation" not in properties


# Rights


def test_the_notary_can_write_what_is_new_and_neither_remove_nor_unlock_anything(template):
    assert rights(template, "NotaryRole", "s3") == {*READ, "PutObject", "PutObjectRetention"}
    assert rights(template, "NotaryRole", "kms") == {
        "Decrypt",
        "DescribeKey",
        "GenerateDataKey",
        "GetPublicKey",
        "Sign",
    }
    assert rights(template, "NotaryRole", "dynamodb") == {"BatchGetItem", "GetItem", "Query"}


def test_only_the_new_key_signs_and_the_former_ones_give_their_public_halves(elsewhere):
    by_key = {
        arn: {action for one in statements(elsewhere, "NotaryRole") if arn in resources_of(one) for action in acts(one)}
        for arn in (KEY_ARN, OTHER_KEY_ARN)
    }
    assert by_key[KEY_ARN] == {"kms:Sign", "kms:GetPublicKey"}
    assert "kms:Sign" not in by_key[OTHER_KEY_ARN]
    assert "kms:GetPublicKey" in by_key[OTHER_KEY_ARN]


def resources_of(statement):
    found = statement["Resource"]
    return found if isinstance(found, list) else [found]


def acts(statement):
    found = statement["Action"]
    return [found] if isinstance(found, str) else found


@pytest.mark.parametrize("which", ["template", "elsewhere"])
def test_a_reader_reads_the_ledgers_digests_and_gets_the_public_keys_and_nothing_else(which, request):
    template = request.getfixturevalue(which)
    assert rights(template, "Reader", "s3") == READ
    assert rights(template, "Reader", "kms") == {"Decrypt", "DescribeKey", "GetPublicKey"}
    assert {action.partition(":")[0] for one in statements(template, "Reader") for action in acts(one)} == {"kms", "s3"}


def test_a_reader_is_kept_to_the_digests_of_one_ledger(elsewhere):
    found = [one for one in statements(elsewhere, "Reader") if acts(one)[0].startswith("s3:")]
    listing, reading = sorted(found, key=lambda one: "Condition" not in one)
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "books/*"}}
    assert json.dumps(reading["Resource"]).endswith('digests/books/*"]]}')


def test_a_bucket_without_a_customers_key_asks_for_no_right_on_one():
    stack = scratch_stack()
    made = notary(stack, bucket=foreign_bucket(stack, key=False), bucket_owner=OWNER)
    made.grant_read_digests(scratch_role(stack))
    assert rights(template_of(stack), "Reader", "kms") == {"GetPublicKey"}


def test_digests_of_a_notary_made_elsewhere_are_read_in_the_same_way(elsewhere):
    stack = scratch_stack()
    keys = [kms.Key.from_key_arn(stack, *each) for each in (("New", KEY_ARN), ("Old", OTHER_KEY_ARN))]
    made = DigestNotary.from_digest_notary_attributes(
        stack, "Notary", ledger_name="books", bucket=foreign_bucket(stack), bucket_owner=OWNER, signing_keys=keys
    )
    made.grant_read_digests(scratch_role(stack))
    assert list(statements(template_of(stack), "Reader")) == list(statements(elsewhere, "Reader"))
    assert made.environment == {
        "DIGEST_BUCKET": "digests",
        "DIGEST_BUCKET_OWNER": OWNER,
        "SIGNING_KEY_ARNS": f"{KEY_ARN},{OTHER_KEY_ARN}",
    }


def test_an_owner_that_is_not_known_is_left_out():
    stack = scratch_stack()
    made = DigestNotary.from_digest_notary_attributes(
        stack,
        "Notary",
        ledger_name="books",
        bucket=foreign_bucket(stack),
        signing_keys=[kms.Key.from_key_arn(stack, "New", KEY_ARN)],
    )
    assert set(made.environment) == {"DIGEST_BUCKET", "SIGNING_KEY_ARNS"}


def test_another_account_is_let_write_and_read_the_digests_of_its_ledger_and_nothing_else():
    stack = scratch_stack()
    bucket = DigestBucket(stack, "Digests", encryption_key=new_key(stack, "Digests"))
    bucket.let_notarise("111122223333", ledger_name="books")
    template = template_of(stack)
    given = [one for one in bucket_policy(template).values() if one["Effect"] == "Allow"]
    assert {json.dumps(one["Principal"]).count(":111122223333:root") for one in given} == {1}
    assert {action for one in given for action in acts(one)} == {
        f"s3:{action}" for action in (*READ, "PutObject", "PutObjectRetention")
    }
    assert all("books/*" in json.dumps(one) for one in given)
    (key,) = resources(template, "AWS::KMS::Key").values()
    allowed = key["Properties"]["KeyPolicy"]["Statement"][-1]
    assert ":111122223333:root" in json.dumps(allowed["Principal"])
    assert set(acts(allowed)) == {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}


# Alarms and metrics


def test_rewritten_history_rings_at_the_first_refusal(template):
    refused = alarms(template, "NotaryRefused")
    assert (refused["MetricName"], refused["Threshold"], refused["EvaluationPeriods"]) == ("NotaryRefusals", 0, 1)
    assert refused["Dimensions"] == [{"Name": "Ledger", "Value": "books"}]


def test_old_digests_ring_and_so_does_it_if_no_run_has_succeeded(template, elsewhere):
    old = alarms(template, "NotaryTooOld")
    assert (old["MetricName"], old["Threshold"], old["Period"]) == ("DigestAge", 900, 900)
    assert old["TreatMissingData"] == "breaching"
    assert alarms(elsewhere, "NotaryTooOld")["Threshold"] == 3600


def test_a_notary_that_is_not_called_rings(elsewhere):
    silent = alarms(elsewhere, "NotarySilent")
    assert (silent["Namespace"], silent["MetricName"], silent["Period"]) == ("AWS/Lambda", "Invocations", 600)
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1)
    assert (silent["TreatMissingData"], silent["EvaluationPeriods"]) == ("breaching", 3)


def test_a_notary_that_fails_rings_when_it_does_not_get_better_by_itself(template):
    errors = alarms(template, "NotaryErrors")
    assert (errors["MetricName"], errors["Period"], errors["EvaluationPeriods"]) == ("Errors", 300, 2)


def test_metrics_are_those_that_the_functions_write():
    made = notary(scratch_stack())
    metrics = [made.metric_digest_age(), made.metric_notarised(), made.metric_refusals()]
    assert [metric.metric_name for metric in metrics] == ["DigestAge", "DigestsNotarised", "NotaryRefusals"]
    assert {metric.period.to_minutes() for metric in metrics} == {1}
    assert made.metric_errors(period=Duration.minutes(7)).period.to_minutes() == 7


# What cannot work


@pytest.mark.parametrize("interval", [Duration.seconds(0), Duration.seconds(90), Duration.minutes(481)])
def test_an_interval_that_cannot_be_scheduled_or_watched_is_refused(interval):
    with pytest.raises(PropError, match=r"interval is .*; give whole minutes, 1 to 480"):
        notary(scratch_stack(), interval=interval)


@pytest.mark.parametrize("max_age", [Duration.minutes(9), Duration.seconds(605), Duration.hours(25)])
def test_an_age_that_cannot_be_watched_is_refused(max_age):
    with pytest.raises(PropError, match=r"max_age is .*; give whole minutes, 10 to 1440"):
        notary(scratch_stack(), max_age=max_age)


@pytest.mark.parametrize("retention", [Duration.days(0), Duration.hours(30), Duration.days(36_501)])
def test_a_retention_that_s3_does_not_take_is_refused(retention):
    with pytest.raises(PropError, match=r"retention is .*; S3 takes whole days, 1 to 36500"):
        notary(scratch_stack(), retention=retention)
    stack = scratch_stack()
    with pytest.raises(PropError, match="retention is"):
        DigestBucket(stack, "Digests", encryption_key=new_key(stack, "Digests"), retention=retention)


def test_an_owner_of_a_bucket_that_is_not_given_is_refused():
    with pytest.raises(PropError, match="bucket_owner is '444455556666'; give it only with bucket"):
        notary(scratch_stack(), bucket_owner=OWNER)


def test_digests_that_nobody_signs_are_refused():
    stack = scratch_stack()
    with pytest.raises(PropError, match="signing_keys is empty"):
        DigestNotary.from_digest_notary_attributes(
            stack, "Notary", ledger_name="books", bucket=foreign_bucket(stack), signing_keys=[]
        )
