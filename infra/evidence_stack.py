"""The stack that keeps evidence of the ledger where its owner cannot change it, and holds the ledger against it."""

from typing import TypedDict

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .deployment_stack import DeploymentStack
from .digest_bucket import LockMode
from .digest_notary import DigestNotary
from .ledger import LedgerBase
from .ledger_auditor import LedgerAuditor
from .log_retention import retention
from .settings import Settings

CARRIED_FIELDS = {"PreviousBalance": "CurrentBalance"}
"""Each revision of an account says what the one before left in it: who changes that is found even if others go on."""


class _Common(TypedDict):
    architecture: lambda_.Architecture
    log_retention: logs.RetentionDays


class EvidenceStack(DeploymentStack):
    """The notary of the ledger's digests, and the auditor.

    Attributes:
        notary, auditor: `None` if they are turned off.
    """

    def __init__(self, scope: Construct, id: str, *, settings: Settings, ledger: LedgerBase) -> None:  # noqa: A002
        """Define what watches over `ledger`."""
        super().__init__(
            scope, id, settings=settings, description="Evidence of the ledger: its notarised digests, and its auditor"
        )
        self._settings, self._ledger = settings, ledger
        self._common = _Common(
            architecture=lambda_.Architecture.custom(settings.architecture),
            log_retention=retention(settings.log_retention_days),
        )
        self.notary = self._notary() if settings.notary_minutes else None
        self.auditor = self._auditor(self.notary) if self.notary and settings.audit_minutes else None
        for part in (self.notary, self.auditor):
            self.alarms += part.alarms if part else []

    def _notary(self) -> DigestNotary:
        keys = self._signing_keys()
        notary = DigestNotary(
            self,
            "Notary",
            ledger=self._ledger,
            interval=Duration.minutes(self._settings.notary_minutes),
            signing_key=keys[0] if keys else None,
            former_keys=keys[1:],
            bucket=self._bucket(),
            bucket_owner=self._settings.digest_bucket_owner,
            lock_mode=LockMode(self._settings.object_lock_mode),
            retention=Duration.days(self._settings.object_lock_days),
            memory_mb=self._settings.memory_mb,
            **self._common,
        )
        self._output("DigestBucket", notary.bucket.bucket_name, "Where the notarised digests are")
        self._output("SigningKeyArn", notary.signing_keys[0].key_arn, "Signs them; aws kms get-public-key shows it")
        self._output("NotaryFunction", notary.notary.function.function_name, "Notarises the digest when called")
        return notary

    def _auditor(self, notary: DigestNotary) -> LedgerAuditor:
        auditor = LedgerAuditor(
            self,
            "Auditor",
            ledger=self._ledger,
            notary=notary,
            interval=Duration.minutes(self._settings.audit_minutes),
            carried_fields=CARRIED_FIELDS,
            **self._common,
        )
        self._output("AuditBucket", auditor.bucket.bucket_name, "Where the auditor's reports are")
        self._output("AuditorFunction", auditor.auditor.function.function_name, "Audits the ledger when called")
        return auditor

    def _signing_keys(self) -> list[kms.IKey]:
        arns = self._settings.signing_key_arns
        return [kms.Key.from_key_arn(self, f"SigningKey{place}", arn) for place, arn in enumerate(arns)]

    def _bucket(self) -> s3.IBucket | None:
        settings = self._settings
        if settings.digest_bucket is None:
            return None
        arn = settings.digest_bucket_key_arn
        return s3.Bucket.from_bucket_attributes(
            self,
            "GivenBucket",
            bucket_name=settings.digest_bucket,
            account=settings.digest_bucket_owner,
            encryption_key=kms.Key.from_key_arn(self, "GivenBucketKey", arn) if arn else None,
        )

    def _output(self, name: str, value: str, description: str) -> None:
        CfnOutput(self, name, value=value, description=description)
