"""An alert when a wallet's balance falls below a threshold: an event for programs, a message for people."""

from decimal import Decimal

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from .alarms import MINUTE, alarm
from .compliance import accept
from .encryption import KEY_ACTIONS_TO_WRITE, key_for
from .errors import PropError
from .findings import acknowledge
from .python_function import PythonFunction
from .stream_consumer import StreamConsumer

SOURCE = "wallet.balance-alerts"
DETAIL_TYPE = "Balance below threshold"


class BalanceAlerts(Construct):
    """Sends one event for each time that a wallet crosses below its threshold, however often its revisions come.

    The event (source `wallet.balance-alerts`, detail type `Balance below threshold`) has `wallet` (its document's id),
    `version`, `balance`, `previousBalance`, `threshold`, `transactionId`, `transactionTime`, `blockAddress`, and an
    `id` that stays the same if it is ever sent again. A wallet's own threshold is the item
    `{wallet, item: "threshold", amount}` of `table`; 0 is for no alerts. Rules of one's own match `event_pattern` on
    `event_bus`; people subscribe to `topic`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        stream: kinesis.IStream,
        default_threshold: Decimal | None = None,
        ledger_table_name: str = "wallettable",
        event_bus: events.IEventBus | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the alerts for the wallets in the table `ledger_table_name` of the ledger whose journal `stream` has.

        By default only wallets with a threshold of their own are watched (`default_threshold` is for all others),
        events go to the account's default bus, and the thresholds are kept when the stack is deleted
        (`removal_policy`). `encryption_key` encrypts everything; by default the stream's key does, and CloudWatch
        Logs' own the log.

        Raises PropError if `default_threshold` is not an amount of money.
        """
        super().__init__(scope, id)
        _check_threshold(default_threshold)
        self.encryption_key = key_for(self, encryption_key, stream)
        self.event_bus = event_bus or events.EventBus.from_event_bus_name(self, "Bus", "default")
        self.event_pattern = events.EventPattern(source=[SOURCE], detail_type=[DETAIL_TYPE])
        self.table = self._table(removal_policy)
        environment = {
            "ALERTS_TABLE": self.table.table_name,
            "EVENT_BUS_NAME": self.event_bus.event_bus_name,
            "JOURNAL_TABLE_NAME": ledger_table_name,
        }
        if default_threshold is not None:
            environment["DEFAULT_THRESHOLD"] = f"{default_threshold:f}"
        self.watcher = PythonFunction(
            self,
            "Watcher",
            handler="lambdas.stream.balance_alerts.handler",
            description="Sends an event when a wallet in the journal's stream crosses below its threshold",
            environment=environment,
            architecture=architecture,
            memory_mb=memory_mb,
            timeout=Duration.minutes(1),  # not longer than an alert that is being sent stays with who sends it
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        self._grant_watch()
        self.consumer = StreamConsumer(
            self, "Consumer", stream=stream, function=self.watcher.function, encryption_key=self.encryption_key
        )
        self.topic = sns.Topic(
            self, "Topic", display_name="Balance alerts", master_key=self.encryption_key, enforce_ssl=True
        )
        self.rule = self._rule()
        self.alarms = [*self.consumer.alarms, self._alarm()]

    def grant_set_thresholds(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read, put and delete items of the table by their keys, such as a wallet's own threshold."""
        table = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"],
            resource_arns=[self.table.table_arn],
        )
        return table.combine(self.encryption_key.grant(grantee, *KEY_ACTIONS_TO_WRITE))

    def _table(self, removal_policy: RemovalPolicy) -> dynamodb.Table:
        accept(self, "DynamoDBInBackupPlan")
        return dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="wallet", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="item", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="ttl",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.encryption_key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=removal_policy == RemovalPolicy.RETAIN,
            removal_policy=removal_policy,
        )

    def _grant_watch(self) -> None:
        iam.Grant.add_to_principal(
            grantee=self.watcher,
            actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            resource_arns=[self.table.table_arn],
        )
        self.encryption_key.grant(self.watcher, *KEY_ACTIONS_TO_WRITE)
        iam.Grant.add_to_principal(
            grantee=self.watcher,
            actions=["events:PutEvents"],
            resource_arns=[self.event_bus.event_bus_arn],
            conditions={"ForAllValues:StringEquals": {"events:source": [SOURCE]}},
        )

    def _rule(self) -> events.Rule:
        field = events.EventField.from_path
        text = (
            f"The balance of wallet {field('$.detail.wallet')} is {field('$.detail.balance')}, "
            f"below its threshold of {field('$.detail.threshold')}. "
            f"Before transaction {field('$.detail.transactionId')} at {field('$.detail.transactionTime')} "
            f"it was {field('$.detail.previousBalance')}."
        )
        # A role, not the topic's policy: then the key's policy need not let EventBridge in, nor be ours.
        role = iam.Role(self, "RuleRole", assumed_by=iam.ServicePrincipal("events.amazonaws.com"))
        accept(role, "IAMNoInlinePolicy")
        acknowledge(
            role,
            "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]",
            "The CDK's own grant to publish to an encrypted topic: GenerateDataKey and its form without plaintext",
        )
        return events.Rule(
            self,
            "Rule",
            description="Tells people of wallets whose balance fell below its threshold",
            event_bus=self.event_bus,
            event_pattern=self.event_pattern,
            targets=[targets.SnsTopic(self.topic, message=events.RuleTargetInput.from_text(text), role=role)],
        )

    def metric_undelivered(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many alerts did not reach the topic (a sum). By default in a minute."""
        return cloudwatch.Metric(
            namespace="AWS/Events",
            metric_name="FailedInvocations",
            dimensions_map={"RuleName": self.rule.rule_name},
            statistic="Sum",
            period=period or MINUTE,
        )

    def _alarm(self) -> cloudwatch.Alarm:
        return alarm(
            self,
            "Undelivered",
            self.metric_undelivered(),
            above=0,
            description="An alert did not reach the topic: look at the rule's role and at the topic's key",
            entry="balance-alert-lost",
        )


def _check_threshold(threshold: Decimal | None) -> None:
    if threshold is not None and not (threshold.is_finite() and threshold >= 0 and threshold == round(threshold, 2)):
        raise PropError(f"default_threshold is {threshold}; give an amount >= 0 with at most two decimals, or None")
