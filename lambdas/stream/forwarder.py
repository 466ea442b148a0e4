"""The function that publishes the ledger's journal into Kinesis, from where it left off, whatever wakes it."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
from botocore.config import Config

from lambdas import metrics
from lambdas.stream.forwarder_settings import ForwarderSettings
from ledger import clock
from ledger import settings as ledger_settings
from ledger.settings import Settings
from ledger.store import DynamoDBStore, Store
from ledger.stream import Forwarded, Publisher, StreamDescription, ensure_stream, forward
from ledger.stream.kinesis import KinesisPublisher

MARGIN = timedelta(seconds=20)
"""Before the function's time is up, no further records are sent: those under way may take 15 seconds."""

_KINESIS = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}, tcp_keepalive=True)


@dataclass(frozen=True, slots=True)
class Connections:
    """What is kept from call to call."""

    settings: ForwarderSettings
    store: Store
    ledger: Settings
    publisher: Publisher


@functools.cache
def connections() -> Connections:
    """Give what the environment names, connected once for as long as the process is kept warm."""
    settings = ForwarderSettings.read(os.environ)
    store = DynamoDBStore(settings.ledger_table, namespace=settings.ledger_name)
    client = boto3.client("kinesis", config=_KINESIS)
    request = settings.request
    publisher = KinesisPublisher(client, request.kinesis_arn, aggregated=request.aggregated)
    return Connections(settings, store, ledger_settings.load(store, settings.ledger_name), publisher)


def handler(_event: Any, context: Any) -> dict[str, Any]:
    """Publish what the journal has got since the last time. What the event holds does not matter.

    Raises what makes Lambda repeat the wake-up, and rings its alarm: ImpairedError, NotAcknowledgedError, StoreError.
    """
    until = clock.now() + timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    known = connections()
    request, arn_prefix = known.settings.request, known.settings.arn_prefix
    stream = ensure_stream(known.store, known.ledger, request, arn_prefix=arn_prefix)
    done = forward(known.store, known.ledger, stream.stream_id, known.publisher, until=until)
    _measure(stream, done)
    return {
        "streamId": stream.stream_id,
        "blocks": done.blocks,
        "records": done.records,
        "recordsTooLarge": done.too_large,
        "caughtUp": done.caught_up,
    }


def _measure(stream: StreamDescription, done: Forwarded) -> None:
    """Write the metrics for CloudWatch into the log. One that waits for another to finish says nothing of the lag."""
    knows_lag = done.lag is not None or done.caught_up
    values = {
        "BlocksForwarded": done.blocks,
        "RecordsForwarded": done.records,
        "RecordsTooLarge": done.too_large,
        "StreamLag": (done.lag or timedelta()).total_seconds() if knows_lag else None,
    }
    metrics.write(values, {"Ledger": stream.ledger, "Stream": stream.request.name})
