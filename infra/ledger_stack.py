"""The stack that keeps the money: the ledger and its tables."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .ledger import Ledger
from .ledger_tables import LedgerTables
from .log_retention import retention
from .settings import Settings

TABLES = {"wallettable": ("email",), "idempotency": ("key",)}
"""The ledger's tables and the fields that each is indexed by."""


class LedgerStack(Stack):
    """Holds state only. It has no dependency on the wallet, so the wallet can be replaced without touching it."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:  # noqa: A002
        """Define the ledger that `settings` names, with the wallet's tables in it."""
        super().__init__(scope, id, description="The wallet's ledger: an append-only, verifiable journal on DynamoDB")
        self.ledger = Ledger(
            self,
            "Ledger",
            ledger_name=settings.ledger_name,
            strands=settings.strands,
            table_name=settings.ledger_table_name,
        )
        self.tables = LedgerTables(
            self,
            "Tables",
            ledger=self.ledger,
            tables=TABLES,
            architecture=lambda_.Architecture.custom(settings.architecture),
            log_retention=retention(settings.log_retention_days),
        )
        CfnOutput(self, "QLDBLedgerName", value=self.ledger.ledger_name, description="The ledger's name")
        CfnOutput(self, "LedgerTableName", value=self.ledger.table.table_name, description="The table that holds it")
