"""The function that audits the ledger, on a schedule, going on where the last run stopped."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger

from lambdas import metrics
from lambdas.evidence import connection
from lambdas.evidence.settings import AuditSettings, EvidenceSettings
from ledger.audit.auditor import Auditor
from ledger.audit.budget import Budget
from ledger.audit.report import Report

MARGIN_SECONDS = 60.0
"""Before the function's time is up, no further step is begun: the state is still to be kept."""

_LOGGED = 20

logger = Logger()


@dataclass(frozen=True, slots=True)
class Connections:
    """What is kept from call to call."""

    auditor: Auditor
    rolling_seconds: int


@functools.cache
def connections() -> Connections:
    """Give what the environment names, connected once for as long as the process is kept warm."""
    settings, audits = EvidenceSettings.read(os.environ), AuditSettings.read(os.environ)
    return Connections(connection.open_auditor(settings, audits), audits.rolling_seconds)


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Audit what is new, then some of the rest again. An event `{"anew": true}` forgets what earlier runs learned.

    Raises whatever keeps the ledger, the archive or the auditor's files from being read. Findings are no error: they
    are counted, logged, and in the report.
    """
    known = connections()
    seconds = context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS
    anew = isinstance(event, dict) and event.get("anew") is True
    report = known.auditor.run(Budget(seconds, known.rolling_seconds), anew=anew)
    _tell(report)
    return {"finished": report.finished, "blocks": report.blocks, "findings": report.finding_count}


def _tell(report: Report) -> None:
    for finding in report.findings[:_LOGGED]:
        # What a finding says may quote damaged bytes; the report has it.
        logger.error("audit finding", ledger=report.ledger, where=finding["where"], since=finding["since"])
    values = {
        "AuditFindings": report.finding_count,
        "AuditedBlocks": report.blocks,
        "AuditAge": report.audit_age,
        "DigestAge": report.digest_age,
    }
    metrics.write(values, {"Ledger": report.ledger})
