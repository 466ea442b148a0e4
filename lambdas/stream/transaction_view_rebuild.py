"""The function that rebuilds the view of the wallets' transactions from the journal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lambdas.stream.clients import client
from lambdas.stream.settings import RebuildSettings
from lambdas.stream.view import View
from lambdas.stream.view_rebuild import Rebuild
from ledger import settings as ledger_settings
from ledger.store import DynamoDBStore

LEAST_MILLISECONDS = 10_000
"""With less time left than this, the function stops and answers where to go on."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Rebuild the view as far as time allows.

    Takes {} or {"next": what the last run answered}, and answers {"done", "next", "written", "removed", "unusable"}.
    Call it again with `next` until `done` is true.
    """
    settings = RebuildSettings.read(os.environ)
    store = DynamoDBStore(settings.ledger_table, namespace=settings.ledger_name)
    rebuild = Rebuild(
        store,
        ledger_settings.load(store, settings.ledger_name).strands,
        settings.journal_table,
        View(client("dynamodb"), settings.view_table),
        lambda: context.get_remaining_time_in_millis() >= LEAST_MILLISECONDS,
    )
    place = rebuild.run(event.get("next"))
    return {"done": place is None, "next": place, **asdict(rebuild.counts)}
