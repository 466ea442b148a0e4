"""A view of each wallet's transactions, for listing them fast: made from the journal, and again whenever asked."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .compliance import accept
from .encryption import KEY_ACTIONS_TO_READ, KEY_ACTIONS_TO_WRITE, key_for
from .ledger import LedgerBase
from .ledger_access import READ_ACTIONS
from .python_function import PythonFunction
from .stream_consumer import StreamConsumer

_WRITE_ACTIONS = ("dynamodb:PutItem", "dynamodb:UpdateItem")


class TransactionViewBase(Construct):
    """A view that readers can be given access to: one made here (`TransactionView`), or one made elsewhere."""

    table: dynamodb.ITable
    """The DynamoDB table that holds the view."""

    encryption_key: kms.IKey | None
    """The customer-managed key of the table, if it has one."""

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the view, wallet by wallet."""
        return self._grant(grantee, READ_ACTIONS, KEY_ACTIONS_TO_READ)

    def _grant(self, grantee: iam.IGrantable, actions: tuple[str, ...], key_actions: tuple[str, ...]) -> iam.Grant:
        table = iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self.table.table_arn])
        return table.combine(self.encryption_key.grant(grantee, *key_actions)) if self.encryption_key else table


class TransactionView(TransactionViewBase):
    """Keeps a DynamoDB table with an item for each revision of a wallet: `wallet` (document id), `version`, and more.

    A revision is written on the condition that it is not there, so the view is the same in whatever order and however
    often revisions come. It may be some seconds behind the ledger; no balance may be read from it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        stream: kinesis.IStream,
        ledger: LedgerBase,
        ledger_table_name: str = "wallettable",
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the view of the documents in the table `ledger_table_name` of `ledger`, whose journal `stream` has.

        By default it goes with its stack (`removal_policy`), since `rebuild` makes it again. `encryption_key` encrypts
        everything; by default the stream's key does, and CloudWatch Logs' own the logs.
        """
        super().__init__(scope, id)
        self.encryption_key = key_for(self, encryption_key, stream)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="wallet", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="version", type=dynamodb.AttributeType.NUMBER),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.encryption_key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=removal_policy,
        )
        accept(self.table, "DynamoDBInBackupPlan")
        environment = {"VIEW_TABLE": self.table.table_name, "JOURNAL_TABLE_NAME": ledger_table_name}
        self.writer = PythonFunction(
            self,
            "Writer",
            handler="lambdas.stream.transaction_view.handler",
            description="Writes the wallets' revisions from the journal's stream into the view",
            environment=environment,
            architecture=architecture,
            memory_mb=memory_mb,
            timeout=Duration.minutes(1),
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        self.rebuild = PythonFunction(
            self,
            "Rebuild",
            handler="lambdas.stream.transaction_view_rebuild.handler",
            description="Makes the view again from the journal itself",
            environment={**environment, **ledger.environment},
            architecture=architecture,
            memory_mb=memory_mb,
            timeout=Duration.minutes(15),
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        self.consumer = StreamConsumer(
            self,
            "Consumer",
            stream=stream,
            function=self.writer.function,
            encryption_key=self.encryption_key,
        )
        self.alarms = self.consumer.alarms
        ledger.grant_read(self.rebuild)
        self._grant(self.writer, _WRITE_ACTIONS, KEY_ACTIONS_TO_WRITE)
        self._grant(self.rebuild, (*_WRITE_ACTIONS, "dynamodb:DeleteItem", "dynamodb:Scan"), KEY_ACTIONS_TO_WRITE)

    @staticmethod
    def from_transaction_view_attributes(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        table: dynamodb.ITable,
        encryption_key: kms.IKey | None = None,
    ) -> TransactionViewBase:
        """Return a view made elsewhere, in `table`. Give its customer-managed key, or grants do not cover it."""
        view = TransactionViewBase(scope, id)
        view.table, view.encryption_key = table, encryption_key
        return view

    def metric_age(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how old the revisions are that are written into the view, in milliseconds. The most in a minute."""
        return self.consumer.metric_iterator_age(period=period)
