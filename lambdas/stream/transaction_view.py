"""The function that keeps the view of the wallets' transactions, from the journal's stream."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any

from lambdas.stream.clients import client
from lambdas.stream.consumer import Consumer
from lambdas.stream.dead_letters import DeadLetterQueue
from lambdas.stream.records import BlockSummary, RevisionDetails, StreamRecord
from lambdas.stream.settings import ViewSettings
from lambdas.stream.transactions import Transaction
from lambdas.stream.view import View

NAME = "transaction-view"


@functools.cache
def consumer() -> Consumer:
    """Give the consumer that the environment names, connected once for as long as the process is kept warm."""
    settings = ViewSettings.read(os.environ)
    dead_letters = DeadLetterQueue(client("sqs"), settings.dead_letter_queue_url, NAME)
    view = View(client("dynamodb"), settings.view_table)
    return Consumer(NAME, functools.partial(show, view, settings.journal_table), dead_letters)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of a Kinesis stream; see `Consumer`."""
    return consumer()(event, context)


def show(view: View, journal_table: str, record: StreamRecord) -> None:
    """Bring a record into the view: a revision of the wallets' table, or redactions of some."""
    match record:
        case RevisionDetails(table_name=name, revision=revision) if name == journal_table:
            view.put(Transaction.of(revision))
        case BlockSummary(redactions=redactions):
            for redaction in redactions:
                view.redact(redaction)
