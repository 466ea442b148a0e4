"""The ledger: an append-only, verifiable journal of documents, kept in one DynamoDB table."""

from collections.abc import Sequence
from functools import reduce
from typing import Literal

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from .compliance import accept
from .encryption import KEY_ACTIONS_TO_READ, KEY_ACTIONS_TO_WRITE
from .ledger_access import Right, appending, journal_kept, reading, redacting, streaming, writing


class LedgerBase(Construct):
    """A ledger that functions can be given access to: one made here (`Ledger`), or one made elsewhere."""

    ledger_name: str
    """The name that a driver connects to."""

    strands: int
    """How many strands its journal has: commits that can run at the same time."""

    table: dynamodb.ITable
    """The DynamoDB table that holds the ledger."""

    encryption_key: kms.IKey | None
    """The customer-managed key of the table, if it has one."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that tell a function where the ledger is: `LEDGER_NAME` and `LEDGER_TABLE`."""
        return {"LEDGER_NAME": self.ledger_name, "LEDGER_TABLE": self.table.table_name}

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the ledger and verify it. A transaction of its own that writes is refused by IAM."""
        return self._grant(grantee, reading(self.ledger_name), KEY_ACTIONS_TO_READ)

    def grant_append(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the ledger, insert documents, and update their fields, but those that are indexed.

        IAM refuses what removes anything from an index, and what creates or drops tables and indexes.
        """
        return self._grant(grantee, [*reading(self.ledger_name), *appending(self.ledger_name)])

    def grant_read_write(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the ledger and commit transactions of every kind to it, but for redactions."""
        return self._grant(grantee, [*reading(self.ledger_name), *writing(self.ledger_name)])

    def grant_redact(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the ledger, commit transactions of every kind, and carry redactions out."""
        return self.grant_read_write(grantee).combine(self._grant(grantee, redacting(self.ledger_name)))

    def grant_stream(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the ledger and keep what its journal streams are at: nothing else can be written."""
        return self._grant(grantee, [*reading(self.ledger_name), *streaming(self.ledger_name)])

    def metric_conflicts(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the requests refused for a transaction that held the item (a sum). The default is five minutes."""
        return self._metric("TransactionConflict", period)

    def metric_throttled(self, kind: Literal["Read", "Write"], *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the reads, or the writes, of items that DynamoDB throttled (a sum). The default is five minutes."""
        return self._metric(f"{kind}ThrottleEvents", period)

    def metric_system_errors(self, operation: str, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the requests of one kind, such as `Query`, that DynamoDB failed (a sum). The default is five minutes.

        DynamoDB has no such metric over all operations.
        """
        return self.table.metric(
            "SystemErrors",
            dimensions_map={"TableName": self.table.table_name, "Operation": operation},
            statistic="Sum",
            period=period or Duration.minutes(5),
        )

    def metric_consumed_writes(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the write units that the ledger consumed (a sum). The default is five minutes."""
        return self._metric("ConsumedWriteCapacityUnits", period)

    def metric_consumed_reads(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the read units that the ledger consumed (a sum). The default is five minutes."""
        return self._metric("ConsumedReadCapacityUnits", period)

    def _metric(self, name: str, period: Duration | None) -> cloudwatch.Metric:
        return self.table.metric(name, statistic="Sum", period=period or Duration.minutes(5))

    def _grant(
        self, grantee: iam.IGrantable, rights: Sequence[Right], key_actions: Sequence[str] = KEY_ACTIONS_TO_WRITE
    ) -> iam.Grant:
        grants = [
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=list(actions),
                resource_arns=[self.table.table_arn],
                conditions=dict(conditions),
            )
            for actions, conditions in rights
        ]
        if self.encryption_key:
            grants.append(self.encryption_key.grant(grantee, *key_actions))
        return reduce(iam.Grant.combine, grants)


class Ledger(LedgerBase):
    """A new ledger: its DynamoDB table and the key that encrypts it, both kept when the stack is deleted.

    The table has on-demand capacity, point-in-time recovery (35 days), deletion protection and a stream of new images.
    It is a single-region table on purpose: a commit is one transaction, and those do not span regions.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger_name: str = "captable1",
        strands: int = 8,
        encryption_key: kms.IKey | None = None,
        table_name: str | None = None,
        deletion_protection: bool = True,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        """Define the ledger.

        `ledger_name` is the name that drivers connect to. `strands` is how many commits can run at the same time, one
        on each strand. Both are fixed once the ledger is created. By default a new key is made that rotates each year
        (`encryption_key` gives one that exists), the table's name is generated (`table_name`), so that a second
        deployment does not meet the first, and neither `cdk destroy` nor a rollback (`removal_policy`) nor a click
        (`deletion_protection`) can delete the table.
        """
        super().__init__(scope, id)
        self.ledger_name, self.strands = ledger_name, strands
        self.encryption_key = encryption_key or kms.Key(
            self,
            "Key",
            description=f"Encrypts ledger {ledger_name}",
            enable_key_rotation=True,
            removal_policy=removal_policy,
        )
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=table_name,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.encryption_key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            deletion_protection=deletion_protection,
            removal_policy=removal_policy,
            resource_policy=journal_kept(ledger_name),
        )
        accept(self.table, "DynamoDBInBackupPlan")

    @staticmethod
    def from_ledger_attributes(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger_name: str,
        table: dynamodb.ITable,
        strands: int = 8,
        encryption_key: kms.IKey | None = None,
    ) -> LedgerBase:
        """Return a ledger made elsewhere, kept in `table`. Give its customer-managed key, or grants do not cover it."""
        ledger = LedgerBase(scope, id)
        ledger.ledger_name, ledger.strands = ledger_name, strands
        ledger.table, ledger.encryption_key = table, encryption_key
        return ledger
