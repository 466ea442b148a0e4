"""What a call answers when it fails: one table from exceptions to statuses, the wallet's own and the ledger's."""

from __future__ import annotations

from botocore.exceptions import ClientError
from pyqldb.errors import SessionPoolEmptyError

from lambdas.errors import BadInputError, BodyTooLargeError, CallError
from lambdas.gateway import Answer
from lambdas.wallet import errors
from ledger.store import Throttled, Unavailable

STATUSES: dict[type[CallError], int] = {
    BadInputError: 400,
    errors.CallerUnknownError: 403,
    errors.NotYourWalletError: 403,
    errors.NoSuchAccountError: 404,
    errors.NoSuchRevisionError: 404,
    errors.NoNotaryError: 404,
    errors.NothingNotarisedError: 404,
    errors.NotCoveredYetError: 404,
    errors.NoSuchDigestError: 404,
    errors.ReceiptMismatchError: 409,
    errors.AccountExistsError: 409,
    errors.InsufficientFundsError: 409,
    errors.BalanceLimitError: 409,
    BodyTooLargeError: 413,
    errors.KeyReusedError: 422,
    errors.LedgerBusyError: 503,
    errors.UnknownOutcomeError: 503,
    errors.DigestsUnavailableError: 503,
}

LEDGER_ERRORS: dict[str, type[errors.LedgerBusyError | errors.UnknownOutcomeError]] = {
    "OccConflictException": errors.LedgerBusyError,
    "InvalidSessionException": errors.LedgerBusyError,
    "CapacityExceededException": errors.LedgerBusyError,
    "RateExceededException": errors.LedgerBusyError,
    "TransactionOutcomeUnknownException": errors.UnknownOutcomeError,
}

RETRY_AFTER_SECONDS: dict[type[CallError], int] = {
    errors.LedgerBusyError: 1,
    errors.UnknownOutcomeError: 1,
    errors.DigestsUnavailableError: 1,
    # A notary runs every few minutes; to ask each minute costs little.
    errors.NothingNotarisedError: 60,
    errors.NotCoveredYetError: 60,
}


def answer(error: Exception) -> Answer:
    """Give the answer for a failed call: only a CallError's own message and details are shown, 500 for all else."""
    refusal = _refusal(error)
    if refusal is None:
        return Answer(500, {"message": "internal error", "statuscode": 500})
    status = STATUSES[type(refusal)]
    fields = {"message": refusal.message, "statuscode": status, **refusal.details}
    seconds = RETRY_AFTER_SECONDS.get(type(refusal))
    return Answer(status, fields, headers={} if seconds is None else {"Retry-After": str(seconds)})


def _refusal(error: Exception) -> CallError | None:
    match error:
        case CallError():
            return error
        case ClientError():
            known = LEDGER_ERRORS.get(error.response.get("Error", {}).get("Code", ""))
            return known() if known else None
        case SessionPoolEmptyError() | Throttled() | Unavailable():
            return errors.LedgerBusyError()
    return None
