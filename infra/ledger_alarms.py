"""Alarms of a ledger's table: requests are throttled, or DynamoDB fails."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .alarms import MINUTE, alarm
from .ledger import LedgerBase

OPERATIONS = ("BatchGetItem", "Query", "TransactGetItems", "TransactWriteItems")
"""What the ledger asks of DynamoDB when it is used; DynamoDB counts its own failures by operation."""


class LedgerAlarms(Construct):
    """Watches a ledger's table. `alarms` has what it made; they take no action until they are given one."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger: LedgerBase,
        max_throttled: int = 10,
        max_system_errors: int = 5,
    ) -> None:
        """Define the alarms of `ledger`.

        By default they ring when in each of three minutes more than 10 reads, or writes, of items were throttled
        (`max_throttled`), or when DynamoDB failed more than 5 requests of one kind in a minute (`max_system_errors`).
        The ledger repeats both, so fewer of them only make calls slower.
        """
        super().__init__(scope, id)
        self.alarms: list[cloudwatch.Alarm] = [
            alarm(
                self,
                f"Throttled{kind}s",
                ledger.metric_throttled(kind, period=MINUTE),
                above=max_throttled,
                minutes=3,
                description=f"DynamoDB throttles {kind.lower()}s of the ledger's table",
                entry="ledger-throttled",
            )
            for kind in ("Read", "Write")
        ]
        self.alarms += [
            alarm(
                self,
                f"SystemErrors{operation}",
                ledger.metric_system_errors(operation, period=MINUTE),
                above=max_system_errors,
                description=f"DynamoDB fails {operation} of the ledger's table",
                entry="dynamodb-fails",
            )
            for operation in OPERATIONS
        ]
