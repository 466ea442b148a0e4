"""A journal that is published into Kinesis, wherever its stream was made: who may read it, and how far it is."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from constructs import Construct

from .alarms import MINUTE

METRICS = "VerifiableLedger"
"""The CloudWatch namespace of what the functions measure themselves."""


class JournalStreamBase(Construct):
    """A journal stream that readers can be given access to: one made here (`JournalStream`), or one made elsewhere."""

    ledger_name: str
    """The ledger whose journal it is."""

    stream_name: str
    """The journal stream's name in the ledger, which is the metrics' dimension `Stream`."""

    kinesis_stream: kinesis.IStream
    """The Kinesis stream that has the journal's records: what consumers take."""

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the Kinesis stream and decrypt its records."""
        return self.kinesis_stream.grant_read(grantee)

    def metric_lag(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how old blocks were when they were published, in seconds; 0 if none waits. The most in a minute."""
        return self._metric("StreamLag", "Maximum", period)

    def metric_blocks(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many blocks were published (a sum). By default in a minute."""
        return self._metric("BlocksForwarded", "Sum", period)

    def metric_records_too_large(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many records no Kinesis stream could take (a sum). By default in a minute."""
        return self._metric("RecordsTooLarge", "Sum", period)

    def _metric(self, name: str, statistic: str, period: Duration | None) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=METRICS,
            metric_name=name,
            dimensions_map={"Ledger": self.ledger_name, "Stream": self.stream_name},
            statistic=statistic,
            period=period or MINUTE,
        )
