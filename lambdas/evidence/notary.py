"""The function that notarises the ledger's digest, on a schedule."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger

from lambdas import metrics
from lambdas.evidence import connection
from lambdas.evidence.settings import EvidenceSettings, read_retention
from ledger.notary.errors import NotaryError
from ledger.notary.notary import Notary

logger = Logger()


@dataclass(frozen=True, slots=True)
class Connections:
    """What is kept from call to call."""

    settings: EvidenceSettings
    notary: Notary


@functools.cache
def connections() -> Connections:
    """Give what the environment names, connected once for as long as the process is kept warm."""
    settings = EvidenceSettings.read(os.environ)
    return Connections(settings, connection.open_notary(settings, read_retention(os.environ)))


def handler(_event: Any, _context: Any) -> dict[str, Any]:
    """Notarise the digest, if a tip has moved. What the event holds does not matter.

    Raises NotaryError, which is counted and logged before, and whatever keeps the ledger or the archive from being
    read; Lambda then repeats the call, and its alarm rings.
    """
    known = connections()
    ledger = known.settings.ledger_name
    try:
        made = known.notary.notarise()
    except NotaryError as error:
        logger.exception("refused to notarise", ledger=ledger, reason=str(error))
        metrics.write({"NotaryRefusals": 1}, {"Ledger": ledger})
        raise
    # Whether there was anything to sign or not: no block waits for a digest now.
    values = {"NotaryRefusals": 0, "DigestsNotarised": int(made is not None), "DigestAge": 0}
    metrics.write(values, {"Ledger": ledger})
    return {"notarised": made is not None, "number": made and made.statement.number}
