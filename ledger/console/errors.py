"""What the console refuses by itself, and how every error is told to a page."""

import logging
import os
import traceback
from collections.abc import Mapping
from typing import Any

from ledger.errors import ApiError, OccConflictException, QldbError, TransactionOutcomeUnknownException
from ledger.ion import IonError
from ledger.partiql import PartiQLError
from ledger.settings import LedgerNotFoundError
from ledger.store import Corrupt, StoreError, Throttled, Unavailable

_LOG = logging.getLogger("ledger.console")
_STATUSES: dict[type[Exception], int] = {
    LedgerNotFoundError: 404,
    IonError: 400,
    Throttled: 503,
    Unavailable: 503,
    StoreError: 500,
}
_HINTS: dict[type[Exception], str] = {
    OccConflictException: "Another transaction changed what this one read, and nothing was committed. Run it again.",
    TransactionOutcomeUnknownException: "Look whether it was committed before you run it again.",
    Throttled: "The store is too busy or away. Nothing was committed; try again later.",
    Unavailable: "The store is too busy or away. Nothing was committed; try again later.",
    Corrupt: "The ledger is damaged. Stop writing to it, and run python -m ledger fsck.",
}


class ReadOnlyException(ApiError):
    """The console was not started with --writable."""

    status = 403

    def __init__(self) -> None:
        super().__init__("this console only reads: start it with --writable to change anything")


class StatementTimeoutException(ApiError):
    """A statement took longer than it may."""

    status = 408

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the statement was given up after {seconds:g} seconds: ask for less, by an indexed field or by id"
        )


class StatementStoppedException(ApiError):
    """Somebody stopped the statement."""

    status = 409

    def __init__(self) -> None:
        super().__init__("the statement was stopped; nothing was committed")


class ResultGoneException(ApiError):
    """The rest of a result is not kept any more."""

    status = 410

    def __init__(self) -> None:
        super().__init__("the rest of this result is not kept any more: run the statement again")


class EvidenceUnreadableException(ApiError):
    """What is kept outside of the ledger cannot be read."""

    status = 502

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place} cannot be read: {reason}")


class NotSignedInException(ApiError):
    """The request does not come from a browser that has opened the address which the console printed."""

    status = 401

    def __init__(self) -> None:
        super().__init__("not signed in: open the address that the console printed when it was started")


def described(error: Exception) -> tuple[int, Mapping[str, Any]]:
    """Return the status and the body of the answer that tells a page of `error`.

    The body has `error` and `message`, and where they are known `line`, `column`, `reason`, `code` and `hint`.
    """
    status, told = _told(error)
    hint = next((text for kind, text in _HINTS.items() if isinstance(error, kind)), None)
    told = {"error": type(error).__name__, **told, "hint": hint}
    return status, {name: value for name, value in told.items() if value is not None}


def _told(error: Exception) -> tuple[int, dict[str, Any]]:
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), None)
    match error:
        case PartiQLError():
            place = {"line": error.line, "column": error.column, "reason": error.reason, "code": error.code}
            return 400, {"error": "BadRequestException", "message": error.message, **place}
        case QldbError():
            return error.status, {"message": error.message, "code": error.code}
        case ApiError():
            return error.status, {"error": error.wire_name, "message": error.message}
        case _ if status is not None:
            return status, {"message": str(error)}
    # Its type and place only: the message may quote data.
    where = "".join(traceback.format_tb(error.__traceback__)[-3:])
    _LOG.error("request failed with %s%s%s", type(error).__name__, os.linesep, where)
    return 500, {"error": "InternalFailure", "message": "the console failed; its log says how"}
