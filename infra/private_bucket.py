"""A bucket for what is kept: private, versioned, encrypted with a key."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .compliance import accept
from .findings import acknowledge


class PrivateBucket(s3.Bucket):
    """A private bucket, versioned, encrypted with a key, reached by TLS 1.2 only, kept when the stack is deleted."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        encryption_key: kms.IKey,
        lifecycle_rules: Sequence[s3.LifecycleRule] = (),
        access_logs: s3.IBucket | None = None,
        **options: Any,
    ) -> None:
        """Define the bucket, whose access logs go to `access_logs`; by default there are none.

        What is left of broken uploads is removed after a week, besides what `lifecycle_rules` say. `options` are those
        of `s3.Bucket`.
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
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN,
            server_access_logs_bucket=access_logs,
            versioned=True,
            **options,
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
