"""The stack that keeps the money: the ledger and its tables."""

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from .alarm_topic import AlarmTopic
from .deployment_stack import DeploymentStack
from .ledger import Ledger
from .ledger_alarms import LedgerAlarms
from .ledger_tables import LedgerTables
from .log_retention import retention
from .settings import Settings

TABLES = {"wallettable": ("email",), "idempotency": ("key",)}
"""The ledger's tables and the fields that each is indexed by."""


class LedgerStack(DeploymentStack):
    """Holds state, and where alarms are told. It depends on no other stack: those can be replaced by themselves."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:  # noqa: A002
        """Define the ledger that `settings` names, with the wallet's tables in it."""
        super().__init__(
            scope,
            id,
            settings=settings,
            description="The wallet's ledger: an append-only, verifiable journal on DynamoDB",
        )
        self.ledger = Ledger(
            self,
            "Ledger",
            ledger_name=settings.ledger,
            strands=settings.strands,
            table_name=settings.ledger_table_name,
            deletion_protection=settings.keep_data,
            removal_policy=RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY,
        )
        self.tables = LedgerTables(
            self,
            "Tables",
            ledger=self.ledger,
            tables=TABLES,
            architecture=lambda_.Architecture.custom(settings.architecture),
            log_retention=retention(settings.log_retention_days),
        )
        self.alarm_topic = self._alarm_topic(settings.alarm_topic_arn)
        self.alarms += LedgerAlarms(self, "Alarms", ledger=self.ledger).alarms
        CfnOutput(self, "AlarmTopicArn", value=self.alarm_topic.topic_arn, description="Told of every alarm")
        CfnOutput(self, "QLDBLedgerName", value=self.ledger.ledger_name, description="The ledger's name")
        CfnOutput(self, "LedgerTableName", value=self.ledger.table.table_name, description="The table that holds it")

    def _alarm_topic(self, arn: str | None) -> sns.ITopic:
        return sns.Topic.from_topic_arn(self, "AlarmTopic", arn) if arn else AlarmTopic(self, "AlarmTopic").topic
