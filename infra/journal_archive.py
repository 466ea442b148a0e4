"""The journal in S3: compressed JSON lines, one folder an hour, to be queried with Athena and kept for years."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .alarms import alarm
from .archive_table import PARTITIONS, PREFIX, ArchiveTable
from .archived_journal import JournalArchiveBase
from .delivery import Delivery
from .delivery_bucket import ERRORS, DeliveryBucket
from .encryption import key_for
from .errors import PropError
from .python_function import PythonFunction

_Stream = firehose.CfnDeliveryStream


class JournalArchive(JournalArchiveBase):
    """Keeps every record of a journal stream in S3, as a line of JSON with the record's own Ion beside it.

    A record may be there twice, as in the stream: count by document id and version, or by block address. What could
    not be read is kept as it came, under `errors/`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        stream: kinesis.IStream,
        ledger_name: str,
        buffering: Duration | None = None,
        cold_after: Duration | None = None,
        deep_after: Duration | None = None,
        access_logs: s3.IBucket | None = None,
        encryption_key: kms.IKey | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the archive of ledger `ledger_name`, whose journal the Kinesis stream `stream` has.

        By default records are collected for five minutes before an object is written (`buffering`, 60 to 900 seconds),
        move to Glacier Instant Retrieval after 90 days (`cold_after`), from where Athena still reads them, and to
        Glacier Deep Archive after two years (`deep_after`; at least 90 days later), from where they must be restored
        first. The bucket has no access logs unless `access_logs` takes them, and stays when the stack is deleted.
        `encryption_key` encrypts everything; by default the stream's key does, and CloudWatch Logs' own the logs.

        A replay of more than 500 hours within one buffering time exceeds what Firehose partitions by default; the rest
        goes to `errors/`, with an alarm.

        Raises PropError naming the prop that cannot work.
        """
        super().__init__(scope, id)
        self._buffering = _checked_buffering(buffering or Duration.minutes(5))
        key = self.encryption_key = key_for(self, encryption_key, stream)
        self.bucket = self._bucket = DeliveryBucket(
            self,
            "Bucket",
            encryption_key=key,
            lifecycle_rules=[_cooling(cold_after or Duration.days(90), deep_after or Duration.days(730))],
            access_logs=access_logs,
        )
        self.transformer = PythonFunction(
            self,
            "Transformer",
            handler="lambdas.stream.archive.handler",
            description="Turns records of the journal's stream into lines of JSON for the archive",
            architecture=architecture,
            memory_mb=memory_mb,
            timeout=Duration.minutes(2),
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        self.table = ArchiveTable(self, "Table", bucket=self.bucket, ledger_name=ledger_name)
        self.database_name, self.table_name = self.table.database_name, self.table.table_name
        self.delivery = Delivery(
            self,
            "Delivery",
            stream=stream,
            function=self.transformer.function,
            bucket=self._bucket,
            encryption_key=key,
            log_key=encryption_key,
            log_retention=log_retention,
        )
        self.firehose = self._firehose()
        self.alarms = [*self.delivery.alarms(self.metric_age(), Duration.minutes(30)), self._crowded()]

    @staticmethod
    def from_journal_archive_attributes(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        bucket: s3.IBucket,
        database_name: str,
        table_name: str = "journal",
        encryption_key: kms.IKey | None = None,
    ) -> JournalArchiveBase:
        """Return an archive made elsewhere, in `bucket`. Give its customer-managed key, or grants do not cover it."""
        archive = JournalArchiveBase(scope, id)
        archive.bucket, archive.encryption_key = bucket, encryption_key
        archive.database_name, archive.table_name = database_name, table_name
        return archive

    def metric_age(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how old the oldest record is that is not in S3 yet, in seconds. By default the most in a minute."""
        return self.delivery.metric("DeliveryToS3.DataFreshness", self.firehose, period=period)

    def _firehose(self) -> _Stream:
        folders = "".join(f"{key}=!{{partitionKeyFromLambda:{key}}}/" for key in PARTITIONS)
        destination = _Stream.ExtendedS3DestinationConfigurationProperty(
            bucket_arn=self.bucket.bucket_arn,
            role_arn=self.delivery.role.role_arn,
            prefix=f"{PREFIX}{folders}",
            error_output_prefix=f"{ERRORS}!{{firehose:error-output-type}}/!{{timestamp:yyyy-MM-dd-HH}}/",
            buffering_hints=_Stream.BufferingHintsProperty(
                interval_in_seconds=self._buffering.to_seconds(), size_in_m_bs=64
            ),
            compression_format="GZIP",
            encryption_configuration=self.delivery.encryption,
            dynamic_partitioning_configuration=_Stream.DynamicPartitioningConfigurationProperty(
                enabled=True, retry_options=_Stream.RetryOptionsProperty(duration_in_seconds=300)
            ),
            processing_configuration=self.delivery.processing,
            cloud_watch_logging_options=self.delivery.log,
        )
        return self.delivery.firehose(self, extended_s3_destination_configuration=destination)

    def _crowded(self) -> cloudwatch.Alarm:
        return alarm(
            self,
            "Crowded",
            self.delivery.metric("PartitionCountExceeded", self.firehose),
            above=0,
            description="Records of too many hours came at once: some are under errors/; ask for a higher quota",
            entry="archive-crowded",
        )


def _checked_buffering(buffering: Duration) -> Duration:
    if not 60 <= buffering.to_seconds() <= 900:
        raise PropError(f"buffering is {buffering.to_human_string()}; Firehose takes 60 to 900 seconds")
    return buffering


def _cooling(cold_after: Duration, deep_after: Duration) -> s3.LifecycleRule:
    cold, deep = cold_after.to_days(), deep_after.to_days()
    if deep < cold + 90:
        raise PropError(f"deep_after is {deep} days; it must be at least 90 days after cold_after, which is {cold}")
    tiers = ((s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, cold_after), (s3.StorageClass.DEEP_ARCHIVE, deep_after))
    return s3.LifecycleRule(
        prefix=PREFIX,
        transitions=[s3.Transition(storage_class=tier, transition_after=after) for tier, after in tiers],
    )
