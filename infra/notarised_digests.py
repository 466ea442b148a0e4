"""Notarised digests, wherever they were made: where they are, who signed them, and who may read them."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .alarms import MINUTE
from .encryption import KEY_ACTIONS_TO_READ
from .findings import acknowledge, quoted_bucket
from .published_journal import METRICS

READ_ACTIONS = ("s3:GetObject", "s3:GetObjectVersion")
"""What reading the archive needs of its objects; the oldest version of each counts."""

LIST_ACTIONS = ("s3:ListBucket", "s3:ListBucketVersions")
"""What finding them needs of its bucket."""

WRITE_ACTIONS = ("s3:PutObject", "s3:PutObjectRetention")
"""What the notary needs besides: to write an object under a lock. It cannot loosen a lock, or remove anything."""


class DigestNotaryBase(Construct):
    """Notarised digests that functions can be given access to: of a notary made here, or of one made elsewhere."""

    ledger_name: str
    """The ledger whose digests they are; their keys in the bucket begin with it."""

    bucket: s3.IBucket
    """Where the digests are."""

    bucket_owner: str | None
    """The account that must own the bucket; S3 refuses every call if another does. None is not checked."""

    bucket_key: kms.IKey | None
    """The customer-managed key of the bucket, if it has one."""

    signing_keys: tuple[kms.IKey, ...]
    """The key that signs, then those that have signed before it did."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that tell a function where the digests are and who signed them.

        `DIGEST_BUCKET`, `DIGEST_BUCKET_OWNER` if it is known, and `SIGNING_KEY_ARNS`, with commas between them.
        """
        owner = {"DIGEST_BUCKET_OWNER": self.bucket_owner} if self.bucket_owner else {}
        arns = ",".join(key.key_arn for key in self.signing_keys)
        return {"DIGEST_BUCKET": self.bucket.bucket_name, **owner, "SIGNING_KEY_ARNS": arns}

    def grant_read_digests(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the digests and get the public keys to check them with; nothing else.

        A bucket of another account must allow it, too (docs/evidence.md).
        """
        objects = self.bucket.arn_for_objects(f"{self.ledger_name}/*")
        grant = self._on(grantee, READ_ACTIONS, objects)
        grant = grant.combine(self._on(grantee, LIST_ACTIONS, self.bucket.bucket_arn, prefix=f"{self.ledger_name}/*"))
        if self.bucket_key:
            grant = grant.combine(self.bucket_key.grant(grantee, *KEY_ACTIONS_TO_READ))
        for key in self.signing_keys:
            grant = grant.combine(key.grant(grantee, "kms:GetPublicKey"))
        self._accept_wildcard(grantee)
        return grant

    def metric_digest_age(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return for how many seconds the oldest block has waited that no digest covers. The most in a minute."""
        return self._metric("DigestAge", "Maximum", period)

    def metric_notarised(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many digests were notarised (a sum). By default in a minute."""
        return self._metric("DigestsNotarised", "Sum", period)

    def metric_refusals(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how often the notary refused to sign (a sum). By default in a minute."""
        return self._metric("NotaryRefusals", "Sum", period)

    def _metric(self, name: str, statistic: str, period: Duration | None) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=METRICS,
            metric_name=name,
            dimensions_map={"Ledger": self.ledger_name},
            statistic=statistic,
            period=period or MINUTE,
        )

    def _on(
        self, grantee: iam.IGrantable, actions: Sequence[str], resource: str, *, prefix: str | None = None
    ) -> iam.Grant:
        conditions = {"StringLike": {"s3:prefix": prefix}} if prefix else None
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=list(actions), resource_arns=[resource], conditions=conditions
        )

    def _accept_wildcard(self, grantee: iam.IGrantable) -> None:
        if isinstance(grantee, Construct):
            acknowledge(
                grantee,
                f"AwsSolutions-IAM5[Resource::{quoted_bucket(grantee, self.bucket)}/{self.ledger_name}/*]",
                "The digests of this one ledger: there is a new object for each",
            )
