"""The bucket that a Firehose stream writes to, watched for failures."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .alarms import MINUTE
from .private_bucket import PrivateBucket

ERRORS = "errors/"
"""Where Firehose puts what it could not transform or deliver."""

_FILTER = "Errors"


class DeliveryBucket(PrivateBucket):
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
        super().__init__(
            scope,
            id,
            encryption_key=encryption_key,
            lifecycle_rules=lifecycle_rules,
            access_logs=access_logs,
            metrics=[s3.BucketMetrics(id=_FILTER, prefix=ERRORS)],
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
