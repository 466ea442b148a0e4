import json
from datetime import UTC, datetime, timedelta

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms

from infra.errors import PropError
from infra.journal_stream import JournalStream
from infra.ledger import Ledger
from lambdas.stream import forwarder
from ledger.stream import Forwarded, StreamDescription, StreamRequest
from tests.infra.streams import STREAM_ARN, TABLE_ARN, alarms, function, rights, streamed_ledger
from tests.infra.synthesis import only, resources, scratch_role, scratch_stack, statements, template_of
from tests.infra.test_ledger import READ, imported

PUBLISH = {"DescribeStream", "ListShards", "PutRecord", "PutRecords"}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    JournalStream(
        stack,
        "Journal",
        ledger=streamed_ledger(stack),
        kinesis_stream_name="books-in-kinesis",
        inclusive_start_time=NOON,
        exclusive_end_time=NOON + timedelta(days=1),
        aggregation=True,
        retention=Duration.hours(48),
        max_lag=Duration.minutes(2),
    )
    return template_of(stack)


@pytest.fixture(scope="module")
def plain():
    stack = scratch_stack()
    JournalStream(stack, "Journal", ledger=streamed_ledger(stack))
    return template_of(stack)


def environment(template):
    return function(template, "JournalForwarder")["Environment"]["Variables"]


def test_the_kinesis_stream_is_on_demand_and_encrypted_with_a_key_that_rotates(template):
    ((key_id, key),) = resources(template, "AWS::KMS::Key").items()
    stream = only(template, "AWS::Kinesis::Stream")["Properties"]
    assert stream["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert stream["StreamEncryption"] == {"EncryptionType": "KMS", "KeyId": {"Fn::GetAtt": [key_id, "Arn"]}}
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "Retain"


def test_the_kinesis_stream_goes_with_its_stack_so_that_its_name_is_free_again(template):
    assert only(template, "AWS::Kinesis::Stream")["DeletionPolicy"] == "Delete"


def test_name_and_retention_of_the_kinesis_stream_are_props_with_defaults(template, plain):
    given, default = (only(each, "AWS::Kinesis::Stream")["Properties"] for each in (template, plain))
    assert (given["Name"], given["RetentionPeriodHours"]) == ("books-in-kinesis", 48)
    assert (default.get("Name"), default["RetentionPeriodHours"]) == (None, 24)


def test_the_forwarder_gets_everything_that_it_is_told_by_props(template):
    found = environment(template)
    assert found.pop("KINESIS_STREAM_ARN")["Fn::GetAtt"][1] == "Arn"
    assert found == {
        "LEDGER_NAME": "books",
        "LEDGER_TABLE": "cells",
        "STREAM_NAME": "books-qldb-stream",
        "AGGREGATION_ENABLED": "true",
        "INCLUSIVE_START_TIME": "2026-03-01T12:00:00+00:00",
        "EXCLUSIVE_END_TIME": "2026-03-02T12:00:00+00:00",
        "POWERTOOLS_SERVICE_NAME": "wallet",
    }


def test_without_times_the_whole_journal_is_streamed_and_records_are_plain(plain):
    found = environment(plain)
    assert found["AGGREGATION_ENABLED"] == "false"
    assert not {"INCLUSIVE_START_TIME", "EXCLUSIVE_END_TIME"} & set(found)


def test_the_forwarder_has_the_most_time_there_is_for_catching_up_and_no_reserved_concurrency(template):
    forwarder = function(template, "JournalForwarder")
    assert forwarder["Handler"] == "lambdas.stream.forwarder.handler"
    assert forwarder["Timeout"] == 900
    assert "ReservedConcurrentExecutions" not in forwarder


def test_only_new_blocks_of_this_ledger_wake_the_forwarder(template):
    mapping = only(template, "AWS::Lambda::EventSourceMapping")["Properties"]
    (criterion,) = mapping["FilterCriteria"]["Filters"]
    assert json.loads(criterion["Pattern"]) == {"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "books/block/"}]}}}}
    assert mapping["EventSourceArn"] == f"{TABLE_ARN}/stream/1"
    assert mapping["StartingPosition"] == "LATEST"


def test_a_wake_up_that_fails_does_not_hold_up_those_behind_it(template):
    mapping = only(template, "AWS::Lambda::EventSourceMapping")["Properties"]
    assert (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]) == (1, 60)


def test_a_schedule_wakes_the_forwarder_each_minute_without_piling_up(template):
    rule = only(template, "AWS::Events::Rule")["Properties"]
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    (target,) = rule["Targets"]
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}


def test_the_forwarder_reads_the_ledger_and_can_write_nothing_but_the_state_of_streams(template):
    found = {
        json.dumps(one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]): set(one["Action"])
        for one in statements(template, "JournalForwarderRole")
        if "Condition" in one
    }
    assert found == {
        '["books/*", "books|*"]': READ,
        '["books/stream*"]': {"dynamodb:ConditionCheckItem", "dynamodb:PutItem"},
    }


def test_the_forwarder_can_publish_into_the_one_stream_and_not_read_it(template):
    (statement,) = [
        one for one in statements(template, "JournalForwarderRole") if "kinesis:PutRecords" in one["Action"]
    ]
    (stream,) = resources(template, "AWS::Kinesis::Stream")
    assert statement["Resource"] == {"Fn::GetAtt": [stream, "Arn"]}
    assert rights(template, "JournalForwarderRole", "kinesis") == PUBLISH


def test_alarms_ring_when_the_stream_is_late_or_silent_and_when_the_forwarder_fails_leaves_out_or_oversleeps(template):
    lag = alarms(template, "JournalLag")
    assert (lag["Namespace"], lag["MetricName"], lag["Threshold"]) == ("VerifiableLedger", "StreamLag", 120)
    assert lag["TreatMissingData"] == "breaching"
    assert alarms(template, "JournalErrors")["MetricName"] == "Errors"
    assert alarms(template, "JournalTooLarge")["MetricName"] == "RecordsTooLarge"
    asleep = alarms(template, "JournalAsleep")
    assert (asleep["MetricName"], asleep["Threshold"]) == ("IteratorAge", 120_000)


def test_a_consumer_can_be_let_read_the_stream_and_decrypt_it():
    stack = scratch_stack()
    JournalStream(stack, "Journal", ledger=streamed_ledger(stack)).grant_read(scratch_role(stack))
    template = template_of(stack)
    assert {"GetRecords", "GetShardIterator", "ListShards"} <= rights(template, "Reader", "kinesis")
    assert not {"PutRecord", "PutRecords"} & rights(template, "Reader", "kinesis")
    assert rights(template, "Reader", "kms") == {"Decrypt"}


def test_a_key_that_exists_is_used_instead_of_a_new_one():
    stack = scratch_stack()
    JournalStream(stack, "Journal", ledger=streamed_ledger(stack), encryption_key=kms.Key(stack, "Shared"))
    (key_id,) = resources(template_of(stack), "AWS::KMS::Key")
    assert key_id.startswith("Shared")


def test_a_ledger_can_have_several_streams_with_a_forwarder_each():
    stack = scratch_stack()
    ledger = streamed_ledger(stack)
    JournalStream(stack, "All", ledger=ledger)
    JournalStream(stack, "Recent", ledger=ledger, stream_name="recent", inclusive_start_time=NOON)
    template = template_of(stack)
    names = {function(template, name)["Environment"]["Variables"]["STREAM_NAME"] for name in ("All", "Recent")}
    assert names == {"books-qldb-stream", "recent"}


def test_a_stream_can_be_in_another_stack_than_its_ledger():
    stack = scratch_stack()
    ledger = Ledger(Stack(stack.node.root, "Elsewhere"), "Ledger")
    JournalStream(stack, "Journal", ledger=ledger)
    assert "ImportValue" in json.dumps(only(template_of(stack), "AWS::Lambda::EventSourceMapping"))


def test_a_second_stream_of_one_name_is_refused_since_it_would_share_the_checkpoint():
    stack = scratch_stack()
    ledger = streamed_ledger(stack)
    JournalStream(stack, "One", ledger=ledger)
    with pytest.raises(PropError, match="stream_name is 'books-qldb-stream', which another stream of this ledger has"):
        JournalStream(stack, "Two", ledger=ledger)


def test_a_ledger_whose_table_has_no_change_stream_is_refused_with_the_way_out():
    stack = scratch_stack()
    with pytest.raises(PropError, match=r"ledger has a table without a change stream; import .*table_stream_arn"):
        JournalStream(stack, "Journal", ledger=imported(stack))


@pytest.mark.parametrize("name", ["", "a--b", "-a", "a-", "7", "a_b", "a" * 33])
def test_a_name_that_qldb_would_refuse_is_refused(name):
    stack = scratch_stack()
    with pytest.raises(PropError, match=f"stream_name is '{name}'; give"):
        JournalStream(stack, "Journal", ledger=streamed_ledger(stack), stream_name=name)


@pytest.mark.parametrize("prop", ["inclusive_start_time", "exclusive_end_time"])
def test_a_time_without_a_zone_is_refused(prop):
    stack = scratch_stack()
    with pytest.raises(PropError, match=f"{prop} is 2026-03-01T12:00:00, which has no time zone"):
        JournalStream(stack, "Journal", ledger=streamed_ledger(stack), **{prop: NOON.replace(tzinfo=None)})


def test_an_end_that_is_not_after_the_start_is_refused():
    stack = scratch_stack()
    with pytest.raises(PropError, match=r"exclusive_end_time is .*; it must be after"):
        JournalStream(
            stack,
            "Journal",
            ledger=streamed_ledger(stack),
            inclusive_start_time=NOON,
            exclusive_end_time=NOON,
        )


@pytest.mark.parametrize(
    ("ledger_name", "name"), [("books", "books-qldb-stream"), ("a" * 32, f"{'a' * 20}-qldb-stream")]
)
def test_by_default_a_stream_is_called_after_its_ledger_as_far_as_there_is_room(ledger_name, name):
    stack = scratch_stack()
    assert JournalStream(stack, "Journal", ledger=streamed_ledger(stack, ledger_name)).stream_name == name


def test_metrics_are_those_that_the_forwarder_writes(capsys):
    stack = scratch_stack()
    journal = JournalStream(stack, "Journal", ledger=streamed_ledger(stack))
    request = StreamRequest(name=journal.stream_name, start=NOON, kinesis_arn=STREAM_ARN)
    forwarder._measure(StreamDescription("books", "id", "arn", NOON, request), Forwarded(caught_up=True))
    written = json.loads(capsys.readouterr().out)
    (directive,) = written["_aws"]["CloudWatchMetrics"]
    names = {one["Name"] for one in directive["Metrics"]}
    for metric in (journal.metric_lag(), journal.metric_blocks(), journal.metric_records_too_large()):
        assert metric.namespace == directive["Namespace"]
        assert metric.metric_name in names
        assert directive["Dimensions"] == [list(metric.dimensions)]
        assert {name: written[name] for name in metric.dimensions} == metric.dimensions


@pytest.mark.parametrize(
    "metric", ["metric_lag", "metric_blocks", "metric_records_too_large", "metric_errors", "metric_iterator_age"]
)
def test_metrics_are_given_over_the_asked_period(metric):
    stack = scratch_stack()
    journal = JournalStream(stack, "Journal", ledger=streamed_ledger(stack))
    assert getattr(journal, metric)(period=Duration.minutes(7)).period.to_minutes() == 7
