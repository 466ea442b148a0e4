"""A function that reads the journal's Kinesis stream and loses no record of it."""

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .alarms import MINUTE, alarm
from .encryption import KEY_ACTIONS_TO_READ, key_for
from .findings import acknowledge

READ_ACTIONS = (
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
)
"""What Lambda asks of a function's role before it reads a Kinesis stream for it."""


class StreamConsumer(Construct):
    """Feeds a function with a Kinesis stream from its oldest record on, and keeps aside what the function cannot take.

    The function answers `{"batchItemFailures": [{"itemIdentifier": SEQUENCE_NUMBER}]}` where it must go on from, and
    sends records that it will never understand to the queue named by its variable `DEAD_LETTER_QUEUE_URL`. A batch that
    fails is halved and tried again; what fails to the end is described in the same queue, by its shard and its sequence
    numbers, and the stream goes on.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        stream: kinesis.IStream,
        function: lambda_.Function,
        encryption_key: kms.IKey | None = None,
        batch_size: int = 100,
        parallelization_factor: int = 1,
        retry_attempts: int = 100,
        max_record_age: Duration | None = None,
        max_iterator_age: Duration | None = None,
    ) -> None:
        """Define what feeds `function` with `stream`.

        By default the dead letters are encrypted with the stream's key (`encryption_key`), one batch of up to 100
        records (`batch_size`) of a shard is with the function at a time (up to `parallelization_factor` batches;
        records with one partition key stay in order), a record is tried for six hours (`max_record_age`) and 100 times
        (`retry_attempts`) at most, and an alarm rings when the function is five minutes behind (`max_iterator_age`).
        Dead letters are kept for 14 days; any dead letter rings an alarm.
        """
        super().__init__(scope, id)
        self.function = function
        self.encryption_key = key_for(self, encryption_key, stream)
        self.dead_letter_queue = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=self.encryption_key,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(self.dead_letter_queue, "AwsSolutions-SQS3", "It is itself where failed records go")
        self._let_send_dead_letters()
        self._let_read(stream)
        self.mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=stream.stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=batch_size,
            parallelization_factor=parallelization_factor,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            retry_attempts=retry_attempts,
            max_record_age=max_record_age or Duration.hours(6),
            on_failure=_Destination(self.dead_letter_queue),
        )
        self.alarms = self._alarms(max_iterator_age or Duration.minutes(5))

    def grant_take_dead_letters(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` receive dead letters and delete them."""
        queue = self.dead_letter_queue.grant(
            grantee, "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"
        )
        return queue.combine(self.encryption_key.grant(grantee, *KEY_ACTIONS_TO_READ))

    def metric_iterator_age(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how old the records are that the function gets, in milliseconds. By default the most in a minute."""
        return self.function.metric("IteratorAge", statistic="Maximum", period=period or MINUTE)

    def metric_dead_letters(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many dead letters wait to be looked at. By default the most in a minute."""
        return self.dead_letter_queue.metric_approximate_number_of_messages_visible(
            statistic="Maximum", period=period or MINUTE
        )

    def _let_send_dead_letters(self) -> None:
        self.function.add_environment("DEAD_LETTER_QUEUE_URL", self.dead_letter_queue.queue_url)
        self.dead_letter_queue.grant(self.function, "sqs:SendMessage")
        self.encryption_key.grant(self.function, "kms:Decrypt", "kms:GenerateDataKey")

    def _let_read(self, stream: kinesis.IStream) -> None:
        stream.grant(self.function, *READ_ACTIONS)
        if stream.encryption_key:
            stream.encryption_key.grant(self.function, "kms:Decrypt")

    def _alarms(self, max_iterator_age: Duration) -> list[cloudwatch.Alarm]:
        behind = alarm(
            self,
            "Behind",
            self.metric_iterator_age(),
            above=max_iterator_age.to_milliseconds(),
            minutes=3,
            description="A consumer of the journal is behind: look for errors in its log",
            entry="consumer-behind",
        )
        letters = alarm(
            self,
            "Letters",
            self.metric_dead_letters(),
            above=0,
            description="A record of the journal could not be consumed: read it in the queue, fix the cause, replay",
            entry="dead-letters",
        )
        return [behind, letters]


@jsii.implements(lambda_.IEventSourceDlq)
class _Destination:
    """The queue as the place for batches that failed to the end; what may be sent to it is granted elsewhere."""

    def __init__(self, queue: sqs.IQueue) -> None:
        self._queue = queue

    def bind(
        self,
        target: lambda_.IEventSourceMapping,  # noqa: ARG002
        target_handler: lambda_.IFunction,  # noqa: ARG002
    ) -> lambda_.DlqDestinationConfig:
        return lambda_.DlqDestinationConfig(destination=self._queue.queue_arn)
