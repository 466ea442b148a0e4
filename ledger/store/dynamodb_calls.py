"""Calls to DynamoDB: retries, and what its errors mean for a commit."""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.parsers import ResponseParserError

from ledger.store.base import Conflict, Key, OutcomeUnknown, StoreError, Throttled, TooLarge, Unavailable, Unusable

TRANSACTION_BYTES = 4 * 1024 * 1024

_CALL_ERRORS = (ClientError, BotoCoreError, ResponseParserError)
_NOT_SENT = (EndpointConnectionError, ConnectTimeoutError)
_ANSWER_LOST = (HTTPClientError, IncompleteReadError, ChecksumError, ResponseParserError)
_THROTTLES = {
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottlingError",
    "Throttling",
}


@dataclass(frozen=True)
class Patience:
    """How long to retry, by exponential backoff with full jitter.

    A call that DynamoDB refuses is tried `attempts` times. One whose answer is lost is tried for `lost_seconds`:
    DynamoDB finishes a transaction that lost its coordinator after 5 seconds, and then answers the same token.
    """

    attempts: int = 8
    lost_seconds: float = 12.0
    base_seconds: float = 0.025
    cap_seconds: float = 1.0
    sleep: Callable[[float], object] = time.sleep
    now: Callable[[], float] = time.monotonic

    def pause(self, attempt: int) -> None:
        """Sleep after the given attempt, counted from 1."""
        most = min(self.cap_seconds, self.base_seconds * 2 ** min(attempt, 16))
        self.sleep(random.uniform(0, most))  # noqa: S311


@dataclass(frozen=True)
class Failure:
    """What a failed call means.

    `error` is to be raised when retries are over. `lost`: the call may have taken place. `retry`: another try may
    succeed. `decisive`: it tells the outcome of earlier tries with the same token, too.
    """

    error: StoreError
    retry: bool = False
    lost: bool = False
    decisive: bool = False
    reasons: Sequence[dict[str, Any]] = field(default=())


def failure(error: Exception, keys: Sequence[Key] = ()) -> Failure:
    """Tell what an error means for a call on `keys`, which are in the order of the transaction's actions."""
    if isinstance(error, ClientError):
        found = _client_failure(error, keys)
        # A client that retries by itself hides what became of its earlier tries.
        retried = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
        return Failure(found.error, found.retry, found.lost or retried, found.decisive, found.reasons)
    if isinstance(error, _NOT_SENT):
        return Failure(Unavailable(f"DynamoDB cannot be reached: {error}"), retry=True)
    if isinstance(error, _ANSWER_LOST):
        return Failure(Unavailable(f"no answer from DynamoDB: {error}"), retry=True, lost=True)
    return Failure(Unusable(f"DynamoDB cannot be called: {error}"))


def _client_failure(error: ClientError, keys: Sequence[Key]) -> Failure:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    said = f"DynamoDB says {code}: {message}"
    if code == "TransactionCanceledException":
        return _cancelled(error.response.get("CancellationReasons", []), keys, said)
    if code in _THROTTLES:
        return Failure(Throttled(f"{said}; retry later, or give the table more capacity"), retry=True)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    if code == "TransactionInProgressException" or status >= 500:
        return Failure(Unavailable(said), retry=True, lost=True)
    if code == "ValidationException":
        if "size" in message.lower():  # of the whole transaction, checked and read items included
            return Failure(TooLarge(f"bytes in one transaction ({message})", 0, TRANSACTION_BYTES), decisive=True)
        return Failure(Unusable(f"{said}; is the table's key pk (S), sk (S)?"), decisive=True)
    return Failure(Unusable(f"{said}; look at the table's name, the region and the rights of the caller"))


def _cancelled(reasons: Sequence[dict[str, Any]], keys: Sequence[Key], said: str) -> Failure:
    def lost_to(code: str) -> list[Key]:
        return [key for key, reason in zip(keys, reasons, strict=False) if reason["Code"] == code]

    codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
    if "ConditionalCheckFailed" in codes:
        return Failure(Conflict(lost_to("ConditionalCheckFailed")), decisive=True, reasons=reasons)
    if codes & _THROTTLES:
        return Failure(Throttled(f"{said}; retry later, or give the table more capacity"), retry=True)
    if codes == {"TransactionConflict"}:
        return Failure(Conflict(lost_to("TransactionConflict")), retry=True)
    return Failure(Unusable(f"{said} {[reason.get('Message') for reason in reasons if reason.get('Message')]}"))


def read(call: Callable[[], Any], patience: Patience, keys: Sequence[Key] = ()) -> Any:
    """Make a call that changes nothing, and retry it while that may help.

    Raises:
        StoreError: as `failure` says, never OutcomeUnknown.
    """
    attempt, start = 1, patience.now()
    while True:
        try:
            return call()
        except _CALL_ERRORS as error:
            failed = failure(error, keys)
            over = attempt >= patience.attempts or patience.now() - start > patience.lost_seconds
            if over or not failed.retry:
                raise failed.error from error
        patience.pause(attempt)
        attempt += 1


def write(call: Callable[[str], Any], patience: Patience, keys: Sequence[Key]) -> Failure | None:
    """Make a writing transaction by `call(token)`; give None, or the failure of a condition.

    Raises:
        OutcomeUnknown: an answer was lost, and no later one told what became of it.
        StoreError: as `failure` says; nothing was written.
    """
    token, lost = str(uuid.uuid4()), False
    attempt, start = 1, patience.now()
    while True:
        try:
            call(token)
        except _CALL_ERRORS as error:
            failed = failure(error, keys)
            lost = lost or failed.lost
            if failed.decisive and failed.reasons:
                return failed
            over = patience.now() - start > patience.lost_seconds if lost else attempt >= patience.attempts
            if failed.decisive or not failed.retry or over:
                raise _last_word(failed, lost=lost) from error
        else:
            return None
        # A lost call may still be under way. Only with its own token does DynamoDB know the next one for the same
        # (for 10 minutes), and applies one of them. What was refused is over: a new token starts it afresh.
        token = token if lost else str(uuid.uuid4())
        patience.pause(attempt)
        attempt += 1


def _last_word(failed: Failure, *, lost: bool) -> StoreError:
    if lost and not failed.decisive:
        return OutcomeUnknown(f"a commit was sent and its answer lost ({failed.error}); look before you retry")
    return failed.error
