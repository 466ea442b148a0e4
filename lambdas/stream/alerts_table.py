"""The table of balance alerts: thresholds that wallets have of their own, and crossings that were alerted.

Partition key `wallet` (S, the document's id), sort key `item` (S):

- `threshold`: `amount` (N). Whoever looks after a wallet puts it; 0 means that the wallet raises no alerts.
- `crossing#<version>`: `state` (S, pending or sent), `until` (N, ms since the epoch: the lease of who is sending it),
  `ttl` (N, s since the epoch: DynamoDB removes the item after that).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from lambdas.stream.errors import CrossingHeldError, InvalidThresholdError

LEASE = timedelta(seconds=60)
"""How long a crossing belongs to who sends it. The function MUST NOT run longer: then no two are ever sending it."""


class Crossing(NamedTuple):
    """A revision of a wallet that took it below its threshold."""

    wallet: str
    version: int


class AlertsTable:
    """The table, in DynamoDB. Methods raise what the client raises."""

    def __init__(self, client: Any, table_name: str, memory: timedelta) -> None:
        """Use a boto3 DynamoDB client on a table that exists; crossings are kept for `memory`."""
        self._client = client
        self._table_name = table_name
        self._memory = memory

    def threshold(self, wallet: str) -> Decimal | None:
        """Return the threshold of a wallet, None if it has none of its own. Raises InvalidThresholdError."""
        key = {"wallet": {"S": wallet}, "item": {"S": "threshold"}}
        item = self._client.get_item(TableName=self._table_name, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return None
        try:
            return Decimal(item["amount"]["N"])
        except (KeyError, ArithmeticError):
            raise InvalidThresholdError(f"the threshold of wallet {wallet} has no amount; put one, a number") from None

    def claim(self, crossing: Crossing, now: datetime) -> bool:
        """Take a crossing to send it; False if it was sent.

        Raises:
            CrossingHeldError: another one has taken it, and its lease is not over.
        """
        item = {
            **_key(crossing),
            "state": {"S": "pending"},
            "until": {"N": str(_milliseconds(now + LEASE))},
            "ttl": {"N": str(_milliseconds(now + self._memory) // 1000)},
        }
        try:
            self._client.put_item(
                TableName=self._table_name,
                Item=item,
                ConditionExpression="attribute_not_exists(wallet) OR (#state = :pending AND #until <= :now)",
                ExpressionAttributeNames={"#state": "state", "#until": "until"},
                ExpressionAttributeValues={":pending": {"S": "pending"}, ":now": {"N": str(_milliseconds(now))}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            if error.response["Item"]["state"]["S"] == "sent":
                return False
            raise CrossingHeldError("another delivery of this crossing is under way") from None
        return True

    def confirm(self, crossing: Crossing) -> None:
        """Note that the event of a crossing was sent."""
        self._client.update_item(
            TableName=self._table_name,
            Key=_key(crossing),
            UpdateExpression="SET #state = :sent REMOVE #until",
            ExpressionAttributeNames={"#state": "state", "#until": "until"},
            ExpressionAttributeValues={":sent": {"S": "sent"}},
        )

    def release(self, crossing: Crossing) -> None:
        """Give a crossing back that could not be sent, so that the next delivery need not wait for the lease."""
        self._client.update_item(
            TableName=self._table_name,
            Key=_key(crossing),
            UpdateExpression="SET #until = :over",
            ConditionExpression="#state = :pending",
            ExpressionAttributeNames={"#state": "state", "#until": "until"},
            ExpressionAttributeValues={":over": {"N": "0"}, ":pending": {"S": "pending"}},
        )


def _key(crossing: Crossing) -> dict[str, Any]:
    return {"wallet": {"S": crossing.wallet}, "item": {"S": f"crossing#{crossing.version}"}}


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
