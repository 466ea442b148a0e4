"""The function that alerts when a wallet's balance falls below its threshold, from the journal's stream."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any

from lambdas.stream.alerts import BalanceAlerts
from lambdas.stream.alerts_table import AlertsTable
from lambdas.stream.clients import client
from lambdas.stream.consumer import Consumer
from lambdas.stream.dead_letters import DeadLetterQueue
from lambdas.stream.event_bus import EventBus
from lambdas.stream.settings import AlertSettings

NAME = "balance-alerts"


@functools.cache
def consumer() -> Consumer:
    """Give the consumer that the environment names, connected once for as long as the process is kept warm."""
    settings = AlertSettings.read(os.environ)
    alerts = BalanceAlerts(
        AlertsTable(client("dynamodb"), settings.alerts_table, settings.memory),
        EventBus(client("events"), settings.event_bus),
        journal_table=settings.journal_table,
        default_threshold=settings.default_threshold,
        maximum_age=settings.maximum_age,
    )
    return Consumer(NAME, alerts.take, DeadLetterQueue(client("sqs"), settings.dead_letter_queue_url, NAME))


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of a Kinesis stream; see `Consumer`."""
    return consumer()(event, context)
