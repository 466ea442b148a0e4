"""The stack that lets the journal out: its stream, and what is made of it."""

from typing import TypedDict

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .balance_alerts import BalanceAlerts
from .deployment_stack import DeploymentStack
from .journal_archive import JournalArchive
from .journal_stream import JournalStream
from .ledger import LedgerBase
from .log_retention import retention
from .search_index import SearchIndex
from .settings import Settings
from .transaction_view import TransactionView


class _Common(TypedDict):
    architecture: lambda_.Architecture
    memory_mb: int
    log_retention: logs.RetentionDays


class StreamStack(DeploymentStack):
    """The journal's stream, and of the archive, the view, the alerts and the search index those that are asked for."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, ledger: LedgerBase) -> None:  # noqa: A002
        """Define the stream of `ledger`, which exists already."""
        super().__init__(
            scope, id, settings=settings, description="The ledger's journal as a stream, and what is made of it"
        )
        self._settings, self._ledger = settings, ledger
        self._common = _Common(
            architecture=lambda_.Architecture.custom(settings.architecture),
            memory_mb=settings.memory_mb,
            log_retention=retention(settings.log_retention_days),
        )
        self.journal = self._journal()
        self.stream = self.journal.kinesis_stream
        self.archive = self._archive() if settings.journal_archive else None
        self.view = self._view() if settings.transaction_view else None
        self.alerts = self._alerts() if settings.balance_alerts else None
        self.search = SearchIndex(self, "Search", stream=self.stream, **self._common) if settings.search_index else None
        self.alarms += self.journal.alarms
        for part in (self.archive, self.view, self.alerts, self.search):
            self.alarms += part.alarms if part else []

    def _journal(self) -> JournalStream:
        journal = JournalStream(
            self,
            "Journal",
            ledger=self._ledger,
            stream_name=self._settings.journal_stream_name,
            kinesis_stream_name=self._settings.kinesis_stream,
            retention=Duration.hours(self._settings.kinesis_retention_hours),
            aggregation=self._settings.aggregation,
            **self._common,
        )
        self._output("JournalStreamName", journal.stream_name, "The journal stream's name in the ledger")
        self._output("KinesisStreamName", journal.kinesis_stream.stream_name, "Where the journal is published")
        self._output("KinesisStreamArn", journal.kinesis_stream.stream_arn, "The same, for policies")
        return journal

    def _archive(self) -> JournalArchive:
        archive = JournalArchive(
            self,
            "Archive",
            stream=self.stream,
            ledger_name=self._ledger.ledger_name,
            buffering=Duration.seconds(self._settings.archive_buffering_seconds),
            cold_after=Duration.days(self._settings.archive_cold_days),
            deep_after=Duration.days(self._settings.archive_deep_days),
            **self._common,
        )
        self._output("ArchiveBucket", archive.bucket.bucket_name, "The journal's archive")
        self._output("ArchiveDatabase", archive.table.database_name, "The archive's database in the Glue catalog")
        self._output("ArchiveTable", archive.table.table_name, "The archive's table in that database")
        return archive

    def _view(self) -> TransactionView:
        view = TransactionView(self, "View", stream=self.stream, ledger=self._ledger, **self._common)
        self._output("TransactionViewTable", view.table.table_name, "The wallets' transactions, for listing")
        self._output("TransactionViewRebuild", view.rebuild.function.function_name, "Makes the view again")
        return view

    def _alerts(self) -> BalanceAlerts:
        alerts = BalanceAlerts(
            self,
            "Alerts",
            stream=self.stream,
            default_threshold=self._settings.default_balance_threshold,
            removal_policy=RemovalPolicy.RETAIN if self._settings.keep_data else RemovalPolicy.DESTROY,
            **self._common,
        )
        self._output("BalanceAlertsTopicArn", alerts.topic.topic_arn, "To be subscribed to")
        self._output("BalanceAlertsTable", alerts.table.table_name, "The wallets' own thresholds")
        return alerts

    def _output(self, name: str, value: str, description: str) -> None:
        CfnOutput(self, name, value=value, description=description)
