"""Copies of tables in a vault of AWS Backup, one a day, kept for as long as is asked for."""

from collections.abc import Sequence
from enum import Enum

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from .alarms import alarm
from .encryption import new_key
from .errors import PropError
from .findings import acknowledge

_POLICY = "service-role/AWSBackupServiceRolePolicyForBackup"
_LEAST_DAYS = 7
_GRACE = Duration.days(3)  # the least that AWS Backup takes


class VaultLock(Enum):
    """Who can remove a copy before its time."""

    NONE = "NONE"
    """Whoever may delete recovery points."""

    GOVERNANCE = "GOVERNANCE"
    """Nobody, until somebody who may do so takes the lock away."""

    COMPLIANCE = "COMPLIANCE"
    """Nobody, and from three days after the deployment on nobody can take the lock away, AWS included."""


class TableBackup(Construct):
    """Backs tables up once a day, beside the point-in-time recovery that reaches back 35 days, into a vault that stays.

    It is for what is older than that, and for the day on which somebody deletes a table: copies are in a vault with a
    key and a policy of its own.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        sources: Sequence[dynamodb.ITable],
        retention: Duration | None = None,
        vault_lock: VaultLock = VaultLock.NONE,
        hour: int = 3,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        """Define the backup of the tables `sources`.

        By default a copy is begun each day at three o'clock UTC (`hour`), kept for 35 days (`retention`) and encrypted
        with a new key (`encryption_key`), and can be removed earlier by who may do that (`vault_lock`). An alarm rings
        when a backup fails.

        The account must have opted in to AWS Backup's advanced features for DynamoDB.

        Raises PropError naming the prop that cannot work.
        """
        super().__init__(scope, id)
        kept = retention or Duration.days(35)
        _check(sources, kept, hour)
        self.encryption_key = encryption_key or new_key(self, "Encrypts backups")
        self.vault = backup.BackupVault(
            self,
            "Vault",
            encryption_key=self.encryption_key,
            lock_configuration=_lock(vault_lock, kept),
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.plan = backup.BackupPlan(self, "Plan", backup_plan_name=Stack.of(self).stack_name, backup_vault=self.vault)
        self.plan.add_rule(
            backup.BackupPlanRule(
                rule_name="Daily",
                schedule_expression=events.Schedule.cron(hour=str(hour), minute="0"),
                start_window=Duration.hours(1),
                completion_window=Duration.hours(12),
                delete_after=kept,
            )
        )
        self.role = self._role()
        self.plan.add_selection(
            "Tables",
            resources=[backup.BackupResource.from_arn(table.table_arn) for table in sources],
            role=self.role,
            disable_default_backup_policy=True,
        )
        self.alarms = [self._alarm()]

    def metric_failed(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many backups into the vault failed (a sum). By default in an hour."""
        return cloudwatch.Metric(
            namespace="AWS/Backup",
            metric_name="NumberOfBackupJobsFailed",
            dimensions_map={"BackupVaultName": self.vault.backup_vault_name},
            statistic="Sum",
            period=period or Duration.hours(1),
        )

    def _role(self) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_POLICY)],
        )
        acknowledge(
            role,
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_POLICY}]",
            "The policy that AWS keeps for this very role; only AWS Backup can take it on",
        )
        return role

    def _alarm(self) -> cloudwatch.Alarm:
        return alarm(
            self,
            "Failed",
            self.metric_failed(),
            above=0,
            description="A backup of a table failed: the job in AWS Backup says why",
            entry="backup-failed",
        )


def _check(sources: Sequence[dynamodb.ITable], kept: Duration, hour: int) -> None:
    if not sources:
        raise PropError("sources is empty; give the tables that are to be backed up")
    if kept.to_days() < _LEAST_DAYS:
        raise PropError(f"retention is {kept.to_human_string()}; give {_LEAST_DAYS} days or more")
    if not 0 <= hour <= 23:
        raise PropError(f"hour is {hour}; give one of a day in UTC, 0 to 23")


def _lock(lock: VaultLock, kept: Duration) -> backup.LockConfiguration | None:
    if lock is VaultLock.NONE:
        return None
    return backup.LockConfiguration(min_retention=kept, changeable_for=_GRACE if lock is VaultLock.COMPLIANCE else None)
