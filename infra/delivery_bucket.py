"""The bucket that a Firehose stream writes to: private, versioned, encrypted, and watched for failures."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .alarms import MINUTE
from .compliance import accept
from .findings import acknowledge

ERRORS = "errors/"
"""Where Firehose puts what it could not transform or deliver."""

_FILTER = "Errors"


class DeliveryBucket(s3.Bucket):
    """A private bucket, versioned, encrypted with a key, reached by TLS 1.2 only, kept when the stack is deleted."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        encryption_key: kms.IKey,
        lifecycle_rules: Sequence[s3.LifecycleRule] = (),
        access_logs: s3.IBucket | None = None,
    ) -> None:
        """Define the bucket, whose access logs go to `access_logs`; by default there are none.

        What is left of broken uploads is removed after a week, besides what `lifecycle_rules` say.
        """
        tidy = s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7))
        super().__init__(
            scope,
            id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            bucket_key_enabled=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=encryption_key,
            enforce_ssl=True,
            lifecycle_rules=[tidy, *lifecycle_rules],
            metrics=[s3.BucketMetrics(id=_FILTER, prefix=ERRORS)],
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN,
            server_access_logs_bucket=access_logs,
            versioned=True,
        )
        accept(self, "S3BucketReplicationEnabled")
        if access_logs is None:
            accept(self, "S3BucketLoggingEnabled")
            acknowledge(
                self,
                "AwsSolutions-S1",
                "Who reads is in CloudTrail's data events, where the account keeps those; `access_logs` takes the "
                "server's own, in a bucket that outlives this one",
            )

    def metric_failures(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many objects were put under `errors/` (a sum). By default in a minute."""
        return cloudwatch.Metric(
            namespace="AWS/S3",
            metric_name="PutRequests",
            dimensions_map={"BucketName": self.bucket_name, "FilterId": _FILTER},
            statistic="Sum",
            period=period or MINUTE,
        )
