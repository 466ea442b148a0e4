import json
from datetime import UTC, datetime

import pytest
from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

from infra.archive_table import COLUMNS, PARTITIONS
from infra.errors import PropError
from infra.journal_archive import JournalArchive
from lambdas.stream import archive
from lambdas.stream.firehose import Source
from lambdas.stream.records import Control
from tests.infra.streams import KEY_ARN, STREAM_ARN, alarms, function, journal_in_kinesis, rights
from tests.infra.synthesis import only, resources, scratch_role, scratch_stack, statements, template_of


def journal_archive(stack, **options):
    return JournalArchive(stack, "Archive", stream=journal_in_kinesis(stack), ledger_name="books", **options)


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    journal_archive(
        stack,
        buffering=Duration.minutes(2),
        cold_after=Duration.days(40),
        deep_after=Duration.days(400),
    ).grant_read(scratch_role(stack))
    return template_of(stack)


def delivery(template):
    return only(template, "AWS::KinesisFirehose::DeliveryStream")["Properties"]


def destination(template):
    return delivery(template)["ExtendedS3DestinationConfiguration"]


def line_of_a_record(*time):
    record = Control("arn:aws:qldb:::stream/books/" + "A" * 22, "books", {})
    return archive.line(record, Source(b"", arrived=datetime(*time, tzinfo=UTC)))


def table(template):
    return only(template, "AWS::Glue::Table")["Properties"]["TableInput"]


def test_the_delivery_reads_the_journals_stream(template):
    assert delivery(template)["DeliveryStreamType"] == "KinesisStreamAsSource"
    assert delivery(template)["KinesisStreamSourceConfiguration"]["KinesisStreamARN"] == STREAM_ARN


def test_records_are_transformed_in_batches_whose_answer_lambda_can_carry(template):
    (processor,) = destination(template)["ProcessingConfiguration"]["Processors"]
    parameters = {one["ParameterName"]: one["ParameterValue"] for one in processor["Parameters"]}
    assert parameters["LambdaArn"]["Fn::GetAtt"][0].startswith("ArchiveTransformer")
    assert parameters["BufferSizeInMBs"] == "1"
    assert function(template, "ArchiveTransformer")["Handler"] == "lambdas.stream.archive.handler"


def test_objects_are_compressed_encrypted_and_divided_by_the_keys_that_the_function_gives(template):
    found = destination(template)
    keys = line_of_a_record(2026, 3, 1).partition
    assert found["Prefix"] == "journal/" + "".join(f"{key}=!{{partitionKeyFromLambda:{key}}}/" for key in keys)
    assert found["DynamicPartitioningConfiguration"]["Enabled"] is True
    assert found["CompressionFormat"] == "GZIP"
    assert found["EncryptionConfiguration"] == {"KMSEncryptionConfig": {"AWSKMSKeyARN": KEY_ARN}}


def test_records_are_collected_for_as_long_as_asked_and_five_minutes_by_default(template):
    assert destination(template)["BufferingHints"] == {"IntervalInSeconds": 120, "SizeInMBs": 64}
    stack = scratch_stack()
    journal_archive(stack)
    assert destination(template_of(stack))["BufferingHints"]["IntervalInSeconds"] == 300


def test_what_cannot_be_delivered_is_kept_apart_and_rings_an_alarm(template):
    assert destination(template)["ErrorOutputPrefix"].startswith("errors/!{firehose:error-output-type}/")
    (metrics,) = only(template, "AWS::S3::Bucket")["Properties"]["MetricsConfigurations"]
    failures = alarms(template, "ArchiveDeliveryFailures")
    assert metrics["Prefix"] == "errors/"
    assert {one["Name"]: one["Value"] for one in failures["Dimensions"]}["FilterId"] == metrics["Id"]
    assert (failures["MetricName"], failures["Threshold"]) == ("PutRequests", 0)


def test_alarms_ring_when_the_archive_is_behind_crowded_or_its_function_fails(template):
    assert alarms(template, "ArchiveDeliveryBehind")["MetricName"] == "DeliveryToS3.DataFreshness"
    assert alarms(template, "ArchiveCrowded")["MetricName"] == "PartitionCountExceeded"
    assert alarms(template, "ArchiveDeliveryFunctionErrors")["MetricName"] == "Errors"


def test_the_bucket_is_private_versioned_encrypted_and_kept(template):
    bucket = only(template, "AWS::S3::Bucket")
    properties = bucket["Properties"]
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN}
    assert rule["BucketKeyEnabled"] is True
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_bucket_is_reached_by_tls_1_2_only(template):
    denied = only(template, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]["Statement"]
    assert [one["Effect"] for one in denied] == ["Deny", "Deny"]
    assert [one["Condition"] for one in denied] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": 1.2}},
    ]


def test_the_archive_moves_to_glacier_in_two_steps_and_nothing_else_does(template):
    rules = only(template, "AWS::S3::Bucket")["Properties"]["LifecycleConfiguration"]["Rules"]
    (cooling,) = [rule for rule in rules if "Transitions" in rule]
    assert cooling["Prefix"] == "journal/"
    assert cooling["Transitions"] == [
        {"StorageClass": "GLACIER_IR", "TransitionInDays": 40},
        {"StorageClass": "DEEP_ARCHIVE", "TransitionInDays": 400},
    ]
    assert not any("ExpirationInDays" in rule for rule in rules)


def test_access_logs_go_where_they_are_asked_for():
    stack = scratch_stack()
    journal_archive(stack, access_logs=s3.Bucket.from_bucket_name(stack, "Logs", "logs-of-all"))
    assert only(template_of(stack), "AWS::S3::Bucket")["Properties"]["LoggingConfiguration"] == {
        "DestinationBucketName": "logs-of-all"
    }


def test_the_delivery_can_write_objects_call_the_function_and_delete_nothing(template):
    role = "ArchiveDeliveryRole"
    assert rights(template, role, "s3") == {
        "AbortMultipartUpload",
        "GetBucketLocation",
        "GetObject",
        "ListBucket",
        "ListBucketMultipartUploads",
        "PutObject",
    }
    assert rights(template, role, "kinesis") == {"DescribeStream", "GetRecords", "GetShardIterator", "ListShards"}
    assert rights(template, role, "lambda") == {"GetFunctionConfiguration", "InvokeFunction"}
    assert rights(template, role, "kms") == {"Decrypt", "GenerateDataKey"}
    assert rights(template, role, "logs") == {"PutLogEvents"}


def test_the_delivery_is_made_after_the_rights_that_it_needs(template):
    policies = [name for name in resources(template, "AWS::IAM::Policy") if name.startswith("ArchiveDeliveryRole")]
    assert set(policies) <= set(only(template, "AWS::KinesisFirehose::DeliveryStream")["DependsOn"])


def test_a_reader_can_read_the_archive_and_find_its_table_but_not_read_what_failed(template):
    (statement,) = [one for one in statements(template, "Reader") if "s3:GetObject" in one["Action"]]
    assert "journal/*" in json.dumps(statement["Resource"])
    assert "errors" not in json.dumps(statement["Resource"])
    assert rights(template, "Reader", "s3") == {"GetBucketLocation", "GetObject", "ListBucket"}
    assert rights(template, "Reader", "glue") == {"GetDatabase", "GetTable"}


def test_athena_has_a_column_for_each_field_of_a_line_and_none_that_a_line_has_not(template):
    line = json.loads(line_of_a_record(2026, 3, 1).line)
    columns = [column["Name"] for column in table(template)["StorageDescriptor"]["Columns"]]
    assert set(columns) == set(COLUMNS)
    assert {*columns, *PARTITIONS} == {name.lower() for name in line} | {"hour"}


def test_no_column_has_the_name_of_a_partition_which_athena_would_refuse(template):
    partitions = {key["Name"] for key in table(template)["PartitionKeys"]}
    assert partitions == set(PARTITIONS.values())
    assert not partitions & set(COLUMNS)


def test_athena_works_out_the_folders_without_a_crawler(template):
    parameters = table(template)["Parameters"]
    assert parameters["projection.enabled"] == "true"
    assert parameters["projection.ledger.values"] == "books"
    for column in PARTITIONS.values():
        assert f"projection.{column}.type" in parameters
    location = json.dumps(parameters["storage.location.template"])
    assert "/journal/ledger=${ledger}/table=${table_name}/hour=${hour}/" in location


def test_the_hours_of_folders_are_written_as_athena_expects_them(template):
    assert table(template)["Parameters"]["projection.hour.format"] == "yyyy-MM-dd-HH"
    assert line_of_a_record(2026, 3, 1, 7).partition["hour"] == "2026-03-01-07"


@pytest.mark.parametrize("seconds", [0, 59, 901])
def test_a_buffering_time_that_firehose_does_not_take_is_refused(seconds):
    with pytest.raises(PropError, match=r"buffering is .*; Firehose takes 60 to 900 seconds"):
        journal_archive(scratch_stack(), buffering=Duration.seconds(seconds))


def test_a_step_to_deep_archive_that_comes_too_soon_after_the_first_is_refused():
    with pytest.raises(PropError, match="deep_after is 129 days; it must be at least 90 days after cold_after"):
        journal_archive(scratch_stack(), cold_after=Duration.days(40), deep_after=Duration.days(129))


def test_the_age_of_what_is_not_archived_yet_is_given_over_the_asked_period():
    found = journal_archive(scratch_stack()).metric_age(period=Duration.minutes(7))
    assert (found.namespace, found.statistic, found.period.to_minutes()) == ("AWS/Firehose", "Maximum", 7)
