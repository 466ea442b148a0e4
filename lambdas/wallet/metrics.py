"""What is measured of each call: how it ended, how long it took, what the ledger did for it, what money it moved.

The dimensions are the ledger and the call, never a wallet or a user. Money is measured in its own unit, whatever it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from aws_lambda_powertools import Logger
from pyqldb.errors import is_occ_conflict_exception

from lambdas import metrics
from lambdas.gateway import Answer

logger = Logger(child=True)

LEDGER: Final = os.environ.get("LEDGER_NAME") or "unknown"

_MONEY = {"addfunds": "MoneyAdded", "withdrawfunds": "MoneyWithdrawn", "transferfunds": "MoneyTransferred"}
_WRITING = {"createaccount", *_MONEY}


@dataclass(slots=True)
class Tally:
    """What the driver met with during one call.

    `retries` counts the runs of a transaction after a pause, `conflicts` those among all runs that others overtook.
    """

    retries: int = 0
    conflicts: int = 0

    def saw(self, error: Exception) -> None:
        """Count a conflict, if the error is one."""
        self.conflicts += is_occ_conflict_exception(error)


_current: ContextVar[Tally | None] = ContextVar("tally", default=None)


def begin() -> Tally:
    """Start to count for a call that begins now, in this thread."""
    tally = Tally()
    _current.set(tally)
    return tally


def retried(error: Exception) -> None:
    """Count that the driver runs a transaction again because of this error."""
    if tally := _current.get():
        tally.retries += 1
        tally.saw(error)


def emit(operation: str, answer: Answer, seconds: float, tally: Tally) -> None:
    """Write the metrics of a call that is answered. Never raises: a call is not lost for its metrics."""
    try:
        values = _values(operation, answer, seconds, tally)
        metrics.write(values, {"Ledger": LEDGER}, {"Ledger": LEDGER, "Operation": operation})
    except Exception as error:
        logger.warning("the call was not measured", operation=operation, error=type(error).__name__)


def _values(operation: str, answer: Answer, seconds: float, tally: Tally) -> dict[str, float]:
    values = {
        "Latency": seconds * 1000,
        _outcome(answer.status): 1,
        "Retries": tally.retries,
        "Conflicts": tally.conflicts,
    }
    if answer.replayed:
        values["CallsReplayed"] = 1
    elif operation in _WRITING and answer.status < 300:
        values["Commits"] = 1
        if operation in _MONEY:
            values[_MONEY[operation]] = _moved(answer.fields)
    return values


def _outcome(status: int) -> str:
    if status < 300:
        return "CallsSucceeded"
    if status < 500:
        return "CallsRefused"
    return "CallsUnavailable" if status == 503 else "CallsFailed"


def _moved(fields: Mapping[str, Any]) -> float:
    """Tell the amount by the balances in the answer, those of the sender if it is a transfer."""
    balances = fields.get("from", fields)
    return abs(float(balances["CurrentBalance"] - balances["PreviousBalance"]))
