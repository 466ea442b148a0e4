"""The event bus that balance alerts are put on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas import jsontext
from lambdas.stream.errors import EventRefusedError

SOURCE = "wallet.balance-alerts"
DETAIL_TYPE = "Balance below threshold"


class EventBus:
    """An event bus of EventBridge."""

    def __init__(self, client: Any, name: str) -> None:
        """Use a boto3 EventBridge client on the bus of this name or ARN."""
        self._client = client
        self._name = name

    def put(self, detail: Mapping[str, Any]) -> None:
        """Put an event on the bus; numbers in its detail may be Decimals, and keep all their digits.

        Raises:
            EventRefusedError: EventBridge answers, but does not take the event.
        """
        entry = {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": jsontext.dumps(detail),
        }
        answer = self._client.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise EventRefusedError(f"EventBridge did not take the event: {answer['Entries'][0].get('ErrorCode')}")
