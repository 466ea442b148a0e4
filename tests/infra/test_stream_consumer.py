import pytest
from aws_cdk import Duration
from aws_cdk import aws_kms as kms

from infra.python_function import PythonFunction
from infra.stream_consumer import StreamConsumer
from tests.infra.streams import KEY_ARN, STREAM_ARN, alarms, function, journal_in_kinesis, rights
from tests.infra.synthesis import only, resources, scratch_stack, statements, template_of


def consumer(stack, *, encrypted=True, **options):
    taker = PythonFunction(stack, "Taker", handler="lambdas.stream.taker.handler", description="Takes records")
    stream = journal_in_kinesis(stack, encrypted=encrypted)
    return StreamConsumer(stack, "Consumer", stream=stream, function=taker.function, **options)


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    consumer(stack)
    return template_of(stack)


def mapping(template):
    return only(template, "AWS::Lambda::EventSourceMapping")["Properties"]


def test_the_stream_is_read_from_its_oldest_record_on(template):
    assert mapping(template)["EventSourceArn"] == STREAM_ARN
    assert mapping(template)["StartingPosition"] == "TRIM_HORIZON"


def test_a_batch_that_fails_is_halved_and_goes_on_from_the_first_record_that_failed(template):
    assert mapping(template)["BisectBatchOnFunctionError"] is True
    assert mapping(template)["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_retries_and_the_age_of_what_is_retried_have_an_end(template):
    assert (mapping(template)["MaximumRetryAttempts"], mapping(template)["MaximumRecordAgeInSeconds"]) == (100, 21600)


def test_what_fails_to_the_end_goes_to_the_queue_that_the_function_knows(template):
    (queue,) = resources(template, "AWS::SQS::Queue")
    assert mapping(template)["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": [queue, "Arn"]}}}
    assert function(template, "Taker")["Environment"]["Variables"]["DEAD_LETTER_QUEUE_URL"] == {"Ref": queue}


def test_dead_letters_are_kept_for_14_days_encrypted_with_the_streams_key_and_outlive_the_stack(template):
    queue = only(template, "AWS::SQS::Queue")
    assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["Properties"]["KmsMasterKeyId"] == KEY_ARN
    assert queue["DeletionPolicy"] == "Retain"


def test_dead_letters_are_sent_by_tls_only(template):
    (statement,) = only(template, "AWS::SQS::QueuePolicy")["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_function_can_read_the_stream_and_send_dead_letters_and_cannot_take_them(template):
    assert rights(template, "TakerRole", "sqs") == {"SendMessage"}
    assert rights(template, "TakerRole", "kms") == {"Decrypt", "GenerateDataKey"}
    assert rights(template, "TakerRole", "kinesis") == {
        "DescribeStream",
        "DescribeStreamSummary",
        "GetRecords",
        "GetShardIterator",
        "ListShards",
    }


def test_reading_is_granted_for_the_one_stream(template):
    (statement,) = [one for one in statements(template, "TakerRole") if "kinesis:GetRecords" in one["Action"]]
    assert statement["Resource"] == STREAM_ARN


def test_the_mapping_is_made_after_the_rights_that_it_needs(template):
    (policy,) = resources(template, "AWS::IAM::Policy")
    (taker,) = resources(template, "AWS::Lambda::Function").values()
    assert policy in taker["DependsOn"]


def test_alarms_ring_when_the_function_is_behind_and_for_the_first_dead_letter(template):
    behind, letters = alarms(template, "ConsumerBehind"), alarms(template, "ConsumerLetters")
    assert (behind["MetricName"], behind["Threshold"]) == ("IteratorAge", 300_000)
    assert (letters["MetricName"], letters["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    assert {behind["ComparisonOperator"], letters["ComparisonOperator"]} == {"GreaterThanThreshold"}


def test_how_much_is_taken_and_how_often_it_is_tried_are_props():
    stack = scratch_stack()
    consumer(
        stack,
        batch_size=7,
        parallelization_factor=3,
        retry_attempts=5,
        max_record_age=Duration.minutes(10),
        max_iterator_age=Duration.seconds(30),
    )
    template = template_of(stack)
    found = mapping(template)
    assert (found["BatchSize"], found["ParallelizationFactor"]) == (7, 3)
    assert (found["MaximumRetryAttempts"], found["MaximumRecordAgeInSeconds"]) == (5, 600)
    assert alarms(template, "ConsumerBehind")["Threshold"] == 30_000


def test_a_key_of_ones_own_encrypts_the_dead_letters():
    stack = scratch_stack()
    consumer(stack, encryption_key=kms.Key(stack, "Own"))
    template = template_of(stack)
    (key,) = resources(template, "AWS::KMS::Key")
    assert only(template, "AWS::SQS::Queue")["Properties"]["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}


def test_the_dead_letters_of_a_stream_without_a_key_get_a_key_that_rotates():
    stack = scratch_stack()
    consumer(stack, encrypted=False)
    assert only(template_of(stack), "AWS::KMS::Key")["Properties"]["EnableKeyRotation"] is True


@pytest.mark.parametrize("metric", ["metric_iterator_age", "metric_dead_letters"])
def test_metrics_are_the_most_over_the_asked_period(metric):
    found = getattr(consumer(scratch_stack()), metric)(period=Duration.minutes(7))
    assert (found.statistic, found.period.to_minutes()) == ("Maximum", 7)
