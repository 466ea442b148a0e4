"""The notary: on a schedule it takes the ledger's digest, signs it, and puts it where nobody can change it."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .alarms import MINUTE, alarm
from .digest_bucket import DigestBucket, LockMode, checked_retention
from .encryption import new_key
from .errors import PropError
from .ledger import LedgerBase
from .notarised_digests import WRITE_ACTIONS, DigestNotaryBase
from .python_function import PythonFunction
from .schedule import call_every, checked_interval, checked_max_age, silence_alarm

__all__ = ["DigestNotary", "DigestNotaryBase"]


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
        change keys, give the new one and list the old ones as `former_keys`. The digests go to a new `DigestBucket`, or
        to `bucket`, which must have Object Lock and may be in another account: then `bucket_owner` is that account, and
        its access logs and encryption are its own affair. Nobody can remove a digest for a year (`retention`,
        `lock_mode`). A new bucket is encrypted with a key of its own; `encryption_key` gives one, for the log as well.

        Raises PropError naming the prop that cannot work.
        """
        super().__init__(scope, id)
        self.ledger, self.ledger_name = ledger, ledger.ledger_name
        self.interval = checked_interval(interval or Duration.minutes(5), least_minutes=1)
        self.max_age = checked_max_age(max_age, self.interval)
        self.lock_mode, self.retention = lock_mode, checked_retention(retention or Duration.days(365))
        self.signing_keys = (signing_key or self._new_signing_key(), *former_keys)
        if bucket:
            self.bucket, self.bucket_owner, self.bucket_key = bucket, bucket_owner, bucket.encryption_key
        else:
            _require_none(bucket_owner)
            self._new_bucket(encryption_key, access_logs)
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
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        ledger.grant_read(self.notary)
        self.grant_read_digests(self.notary)
        self._grant_notarise()
        self.schedule = call_every(
            self, self.notary.function, self.interval, f"Notarises the digest of ledger {self.ledger_name}"
        )
        self.alarms = self._alarms()

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

    def _new_bucket(self, encryption_key: kms.IKey | None, access_logs: s3.IBucket | None) -> None:
        key = encryption_key or new_key(self, f"Encrypts notarised digests of ledger {self.ledger_name}")
        self.bucket_key, self.bucket_owner = key, Stack.of(self).account
        self.bucket = DigestBucket(
            self,
            "Bucket",
            encryption_key=key,
            lock_mode=self.lock_mode,
            retention=self.retention,
            access_logs=access_logs,
        )

    def _grant_notarise(self) -> None:
        self._on(self.notary, WRITE_ACTIONS, self.bucket.arn_for_objects(f"{self.ledger_name}/*"))
        self.signing_keys[0].grant(self.notary, "kms:Sign")
        if self.bucket_key:
            self.bucket_key.grant(self.notary, "kms:GenerateDataKey")

    def _alarms(self) -> list[cloudwatch.Alarm]:
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
                self.metric_digest_age(period=self.max_age),
                above=self.max_age.to_seconds(),
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


def _require_none(bucket_owner: str | None) -> None:
    if bucket_owner:
        raise PropError(f"bucket_owner is {bucket_owner!r}; give it only with bucket: a new one is this account's")
