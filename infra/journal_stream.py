"""The journal of a ledger as a Kinesis stream: every block and revision, in order, none left out."""

from datetime import datetime

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .alarms import MINUTE, alarm
from .encryption import new_key
from .findings import acknowledge
from .ledger import LedgerBase
from .published_journal import JournalStreamBase
from .python_function import PythonFunction
from .stream_props import claimed_name, table_stream_arn, time_variables


class JournalStream(JournalStreamBase):
    """Publishes a ledger's journal into a Kinesis stream, at least once, each document's revisions in order.

    A forwarder function reads the journal from its checkpoint, publishes, and moves the checkpoint. A change of the
    ledger's table only wakes it, and so does a schedule: a wake-up that is lost, late or doubled changes nothing, and a
    forwarder that was down for a week catches up from the journal.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger: LedgerBase,
        stream_name: str | None = None,
        kinesis_stream_name: str | None = None,
        inclusive_start_time: datetime | None = None,
        exclusive_end_time: datetime | None = None,
        aggregation: bool = False,
        encryption_key: kms.IKey | None = None,
        retention: Duration | None = None,
        max_lag: Duration | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the stream of `ledger`, of which there may be several with different names.

        By default the journal stream is called after the ledger (`captable1-qldb-stream`; `stream_name` calls it
        otherwise) and begins with the ledger's first block; blocks from before `inclusive_start_time`, and from
        `exclusive_end_time` on, are left out. The Kinesis stream has a generated name (`kinesis_stream_name`),
        on-demand capacity and a key of its own that rotates each year, keeps records for a day (`retention`), and goes
        with its stack: the journal has everything that was in it. `encryption_key` encrypts the stream and the log
        instead. `aggregation` packs many records into one as the Kinesis Producer Library does. An alarm rings when
        publishing is five minutes behind (`max_lag`), fails, or stands still.

        Raises PropError naming the prop that cannot work.
        """
        super().__init__(scope, id)
        self.ledger, self.ledger_name = ledger, ledger.ledger_name
        self.stream_name = claimed_name(ledger, stream_name)
        changes = table_stream_arn(ledger)
        self.encryption_key = encryption_key or new_key(self, f"Encrypts journal stream {self.stream_name}")
        self.kinesis_stream = kinesis.Stream(
            self,
            "Stream",
            stream_name=kinesis_stream_name,
            stream_mode=kinesis.StreamMode.ON_DEMAND,
            encryption=kinesis.StreamEncryption.KMS,
            encryption_key=self.encryption_key,
            retention_period=retention or Duration.hours(24),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.kinesis_stream,
            "AwsSolutions-KDS3",
            "A key of one's own on purpose: who may decrypt the journal is for its owner to decide and to see",
        )
        self.forwarder = PythonFunction(
            self,
            "Forwarder",
            handler="lambdas.stream.forwarder.handler",
            description="Publishes the ledger's journal into Kinesis, from where it left off",
            environment={
                **ledger.environment,
                "STREAM_NAME": self.stream_name,
                "KINESIS_STREAM_ARN": self.kinesis_stream.stream_arn,
                "AGGREGATION_ENABLED": str(aggregation).lower(),
                **time_variables(inclusive_start_time, exclusive_end_time),
            },
            architecture=architecture,
            memory_mb=memory_mb,
            timeout=Duration.minutes(15),
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        ledger.grant_stream(self.forwarder)
        self._grant_publish()
        self.changes = self._wake_by_changes(changes)
        self.schedule = self._wake_by_schedule()
        self.alarms = self._alarms(max_lag or Duration.minutes(5))

    @staticmethod
    def from_journal_stream_attributes(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger_name: str,
        stream_name: str,
        kinesis_stream: kinesis.IStream,
    ) -> JournalStreamBase:
        """Return a journal stream made elsewhere, published into `kinesis_stream`: import that with its key."""
        stream = JournalStreamBase(scope, id)
        stream.ledger_name, stream.stream_name, stream.kinesis_stream = ledger_name, stream_name, kinesis_stream
        return stream

    def metric_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how often the forwarder failed (a sum). By default in a minute."""
        return self.forwarder.function.metric_errors(period=period or MINUTE)

    def metric_iterator_age(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how old the table's changes are that wake the forwarder, in milliseconds. The most in a minute."""
        return self.forwarder.function.metric("IteratorAge", statistic="Maximum", period=period or MINUTE)

    def _grant_publish(self) -> None:
        publish = ("kinesis:DescribeStream", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords")
        self.kinesis_stream.grant(self.forwarder, *publish)
        self.encryption_key.grant(self.forwarder, "kms:GenerateDataKey")

    def _wake_by_changes(self, table_stream: str) -> lambda_.EventSourceMapping:
        read = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        iam.Grant.add_to_principal(grantee=self.forwarder, actions=read, resource_arns=[table_stream])
        iam.Grant.add_to_principal(grantee=self.forwarder, actions=["dynamodb:ListStreams"], resource_arns=["*"])
        acknowledge(
            self.forwarder.role,
            "AwsSolutions-IAM5[Resource::*]",
            "dynamodb:ListStreams, which Lambda asks for, and X-Ray's actions take no resource: IAM offers '*' only",
        )
        keys = {"pk": {"S": lambda_.FilterRule.begins_with(f"{self.ledger.ledger_name}/block/")}}
        # The changes say only that there is something to read. So failing batches are not kept: the schedule follows.
        return lambda_.EventSourceMapping(
            self,
            "Changes",
            target=self.forwarder.function,
            event_source_arn=table_stream,
            starting_position=lambda_.StartingPosition.LATEST,
            batch_size=1000,
            filters=[lambda_.FilterCriteria.filter({"dynamodb": {"Keys": keys}})],
            retry_attempts=1,
            max_record_age=Duration.minutes(1),
        )

    def _wake_by_schedule(self) -> events.Rule:
        target = targets.LambdaFunction(self.forwarder.function, retry_attempts=0, max_event_age=Duration.minutes(1))
        return events.Rule(
            self,
            "Schedule",
            description=f"Wakes the forwarder of {self.stream_name} when no change of the ledger has",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[target],
        )

    def _alarms(self, max_lag: Duration) -> list[cloudwatch.Alarm]:
        return [
            alarm(
                self,
                "Lag",
                self.metric_lag(),
                above=max_lag.to_seconds(),
                minutes=5,
                description="Blocks wait to be published: look for errors in the forwarder's log, and at Kinesis",
                entry="stream-behind",
                silence_is_bad=True,
            ),
            alarm(
                self,
                "Errors",
                self.metric_errors(),
                above=0,
                minutes=3,
                description="The forwarder fails each time it is woken: its log says why",
                entry="forwarder-fails",
            ),
            alarm(
                self,
                "TooLarge",
                self.metric_records_too_large(),
                above=0,
                description="A block has a record over Kinesis' limit: describe the stream to see which, read it in "
                "the journal",
                entry="record-too-large",
            ),
            alarm(
                self,
                "Asleep",
                self.metric_iterator_age(),
                above=max_lag.to_milliseconds(),
                minutes=5,
                description="The forwarder is woken late: only the schedule still wakes it",
                entry="forwarder-woken-late",
            ),
        ]
