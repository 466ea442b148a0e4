"""The bucket of notarised digests: what is written there is written once, and cannot be removed for years."""

from enum import StrEnum

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .encryption import KEY_ACTIONS_TO_READ
from .errors import PropError
from .notarised_digests import LIST_ACTIONS, READ_ACTIONS, WRITE_ACTIONS
from .private_bucket import PrivateBucket

MOST_DAYS = 36_500
"""What S3 takes as a retention at most."""


class LockMode(StrEnum):
    """Who can remove what is locked: nobody (COMPLIANCE), or who has the right to bypass it (GOVERNANCE)."""

    COMPLIANCE = "COMPLIANCE"
    GOVERNANCE = "GOVERNANCE"


class DigestBucket(PrivateBucket):
    """A bucket with Object Lock, in which nothing is written over and no delete marker is put before anything.

    For the best evidence deploy it in an account that the ledger's owner does not administer.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        encryption_key: kms.IKey,
        lock_mode: LockMode = LockMode.COMPLIANCE,
        retention: Duration | None = None,
        access_logs: s3.IBucket | None = None,
    ) -> None:
        """Define the bucket, encrypted with `encryption_key`.

        By default nobody can remove anything from it for a year (`retention`), not even the account's root: `lock_mode`
        is COMPLIANCE. GOVERNANCE leaves that to whoever has `s3:BypassGovernanceRetention`: an account's administrators
        have it, who are just those that evidence must stand up to. It is for trials.

        Raises PropError naming the prop that cannot work.
        """
        self._key, self.lock_mode = encryption_key, lock_mode
        self.retention = checked_retention(retention or Duration.days(365))
        super().__init__(
            scope,
            id,
            encryption_key=encryption_key,
            access_logs=access_logs,
            object_lock_enabled=True,
            object_lock_default_retention=_lock(self.lock_mode, self.retention),
        )
        self._write_once()

    def let_notarise(self, account: str, *, ledger_name: str) -> None:
        """Let another account notarise the digests of its ledger here, and read them; neither remove nor change them.

        Which of its roles may do so is for that account's own policies to say.
        """
        principals: list[iam.IPrincipal] = [iam.AccountPrincipal(account)]
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=principals,
                actions=[*READ_ACTIONS, *WRITE_ACTIONS],
                resources=[self.arn_for_objects(f"{ledger_name}/*")],
            )
        )
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=principals,
                actions=list(LIST_ACTIONS),
                resources=[self.bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{ledger_name}/*"}},
            )
        )
        self._key.grant(iam.AccountPrincipal(account), *KEY_ACTIONS_TO_READ, "kms:GenerateDataKey")

    def _write_once(self) -> None:
        everybody, objects = [iam.AnyPrincipal()], [self.arn_for_objects("*")]
        # S3 gives this key to PutObject alone: an upload in parts, of which digests have no need, is denied with it.
        unconditional = {"Null": {"s3:if-none-match": "true"}}
        for sid, action, conditions in (
            ("NothingIsWrittenOver", "s3:PutObject", unconditional),
            ("NothingIsHidden", "s3:DeleteObject", {}),
        ):
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=sid,
                    effect=iam.Effect.DENY,
                    principals=everybody,
                    actions=[action],
                    resources=objects,
                    conditions=conditions,
                )
            )


def checked_retention(retention: Duration) -> Duration:
    """Return a retention that S3 takes.

    Raises PropError.
    """
    if not 1 <= retention.to_seconds() / 86_400 <= MOST_DAYS or retention.to_seconds() % 86_400:
        raise PropError(f"retention is {retention.to_human_string()}; S3 takes whole days, 1 to {MOST_DAYS}")
    return retention


def _lock(mode: LockMode, retention: Duration) -> s3.ObjectLockRetention:
    if mode is LockMode.COMPLIANCE:
        return s3.ObjectLockRetention.compliance(retention)
    return s3.ObjectLockRetention.governance(retention)
