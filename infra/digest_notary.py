"""The notary: on a schedule it takes the ledger's digest, signs it, and puts it where nobody can change it."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .alarms import MINUTE, alarm
from .digest_bucket import DigestBucket, LockMode, checked_retention
from .encryption import KEY_ACTIONS_TO_READ, new_key
from .errors import PropError
from .findings import acknowledge, quoted
from .journal_stream import METRICS
from .ledger import LedgerBase
from .python_function import PythonFunction
from .schedule import call_every, checked_interval, silence_alarm

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
        grant = self._grant(grantee, READ_ACTIONS, objects)
        grant = grant.combine(
            self._grant(grantee, LIST_ACTIONS, self.bucket.bucket_arn, prefix=f"{self.ledger_name}/*")
        )
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

    def _grant(
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
                f"AwsSolutions-IAM5[Resource::{quoted(grantee, self.bucket.bucket_arn)}/{self.ledger_name}/*]",
                "The digests of this one ledger: there is a new object for each",
            )


class DigestNotary(DigestNotaryBase):
    """Notarises the digest of a ledger whenever its tip has moved, each proven to continue the one before.

    History that was rewritten since the newest digest is refused and rings an alarm. The digests and the public key
    are enough to check everything offline. The signing key and the bucket are kept when the stack is deleted.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger: LedgerBase,
        interval: Duration | None = None,
        max_age: Duration | None = None,
        signing_key: kms.IKey | None = None,
        former_keys: Sequence[kms.IKey] = (),
        bucket: s3.IBucket | None = None,
        bucket_owner: str | None = None,
        lock_mode: LockMode = LockMode.COMPLIANCE,
        retention: Duration | None = None,
        access_logs: s3.IBucket | None = None,
        encryption_key: kms.IKey | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the notary of `ledger`, of which one is enough.

        By default it runs every five minutes (`interval`, 1 minute to 8 hours), and an alarm rings when a block has
        waited for a digest for three intervals (`max_age`). A new key on P-256 signs, unless `signing_key` is given; to
        change keys, give the new one and list the old ones as `former_keys`, newest first. The digests go to a new
        `DigestBucket`, encrypted with a key of its own (`encryption_key`); or to `bucket`, which must have Object Lock
        and may be in another account: then `bucket_owner` is that account. Nobody can remove a digest for a year
        (`retention`, `lock_mode`).

        Raises PropError naming the prop that cannot work.
        """
        super().__init__(scope, id)
        self.ledger, self.ledger_name = ledger, ledger.ledger_name
        self.interval = checked_interval(interval or Duration.minutes(5), least_minutes=1)
        self.lock_mode, self.retention = lock_mode, checked_retention(retention or Duration.days(365))
        self.signing_keys = (signing_key or self._new_signing_key(), *former_keys)
        if bucket:
            self.bucket, self.bucket_owner, self.bucket_key = bucket, bucket_owner, bucket.encryption_key
        else:
            self.bucket_key = encryption_key or new_key(
                self, f"Encrypts notarised digests of ledger {self.ledger_name}"
            )
            self.bucket_owner = Stack.of(self).account
            self.bucket = DigestBucket(
                self,
                "Bucket",
                encryption_key=self.bucket_key,
                lock_mode=lock_mode,
                retention=self.retention,
                access_logs=access_logs,
            )
        self.notary = PythonFunction(
            self,
            "Notary",
            handler="lambdas.evidence.notary.handler",
            description="Signs the ledger's digest and puts it where nobody can change it",
            environment={
                **ledger.environment,
                **self.environment,
                "OBJECT_LOCK_MODE": lock_mode.value,
                "RETENTION_DAYS": str(self.retention.to_days()),
            },
            architecture=architecture,
            memory_mb=memory_mb,
            timeout=Duration.minutes(1),
            log_retention=log_retention,
        )
        ledger.grant_read(self.notary)
        self.grant_read_digests(self.notary)
        self._grant_notarise()
        self.schedule = call_every(
            self, self.notary.function, self.interval, f"Notarises the digest of ledger {self.ledger_name}"
        )
        self.alarms = self._alarms(max_age or Duration.seconds(3 * self.interval.to_seconds()))

    @staticmethod
    def from_digest_notary_attributes(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger_name: str,
        bucket: s3.IBucket,
        signing_keys: Sequence[kms.IKey],
        bucket_owner: str | None = None,
    ) -> DigestNotaryBase:
        """Return the digests of a notary made elsewhere, in `bucket`: import it with its key, if it has one.

        Raises PropError: there is no signing key.
        """
        if not signing_keys:
            raise PropError("signing_keys is empty; give the key that signs, and those that have signed before it")
        notary = DigestNotaryBase(scope, id)
        notary.ledger_name, notary.signing_keys = ledger_name, tuple(signing_keys)
        notary.bucket, notary.bucket_owner, notary.bucket_key = bucket, bucket_owner, bucket.encryption_key
        return notary

    def metric_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how often the notary failed, refusals included (a sum). By default in a minute."""
        return self.notary.function.metric_errors(period=period or MINUTE)

    def _new_signing_key(self) -> kms.Key:
        return kms.Key(
            self,
            "SigningKey",
            description=f"Signs digests of ledger {self.ledger_name}",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _grant_notarise(self) -> None:
        self._grant(self.notary, WRITE_ACTIONS, self.bucket.arn_for_objects(f"{self.ledger_name}/*"))
        self.signing_keys[0].grant(self.notary, "kms:Sign")
        if self.bucket_key:
            self.bucket_key.grant(self.notary, "kms:GenerateDataKey")

    def _alarms(self, max_age: Duration) -> list[cloudwatch.Alarm]:
        return [
            alarm(
                self,
                "Refused",
                self.metric_refusals(),
                above=0,
                description="The ledger's history is not the one that was notarised: find out who wrote to its table; "
                "the notary's log says where, and the auditor what",
                entry="history-rewritten",
            ),
            alarm(
                self,
                "Errors",
                self.metric_errors(period=self.interval),
                above=0,
                minutes=2,
                description="The notary fails each time it is called: its log says why",
                entry="notary-fails",
            ),
            alarm(
                self,
                "TooOld",
                self.metric_digest_age(period=max_age),
                above=max_age.to_seconds(),
                description="Blocks wait for a digest, or no run of the notary has succeeded: look at its log",
                entry="digest-too-old",
                silence_is_bad=True,
            ),
            silence_alarm(
                self,
                "Silent",
                self.notary.function,
                self.interval,
                description="The notary is not called any more: see whether its schedule is there and enabled",
                entry="notary-silent",
            ),
        ]
