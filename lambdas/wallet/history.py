"""An account's history, a page at a time: the revisions that the ledger keeps for ever."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from pyqldb.execution.executor import Executor

from lambdas.errors import BadInputError
from lambdas.gateway import Answer
from lambdas.wallet import money, requests
from lambdas.wallet.errors import LedgerCorruptError, NoSuchAccountError

_TIP = "SELECT c.metadata.id, c.metadata.version FROM _ql_committed_wallettable AS c WHERE c.data.email = ?"
_PAGE = (
    'SELECT h.metadata.version, h.metadata.txTime, h.metadata."txId", h.data.kind, h.data.amount, '
    "h.data.CurrentBalance, h.data.PreviousBalance, h.data.counterparty "
    "FROM history(wallettable) AS h WHERE h.metadata.id = ? AND h.metadata.version IN ?"
)


def page(txn: Executor, request: requests.History) -> Answer:
    """Read one page, newest first: at most `page_size` revisions, and a `nextPageToken` unless version 0 is among them.

    A token names the newest version that the next page has. Revisions never change, so pages stay as they are while
    the account goes on; what is newer than the first page is seen by asking again without a token.
    Raises NoSuchAccountError, and BadInputError for a token that is not from this account's history.
    """
    document_id, newest = tip(txn, request.email)
    if request.page_token is not None:
        newest = _version(request.page_token, document_id, newest)
    oldest = max(0, newest - request.page_size + 1)
    rows = txn.execute_statement(_PAGE, document_id, list(range(oldest, newest + 1)))
    revisions = sorted(map(_revision, rows), key=lambda revision: -revision["version"])
    fields = {"email": request.email, "documentId": document_id, "revisions": revisions}
    if oldest > 0:
        fields["nextPageToken"] = _token(document_id, oldest - 1)
    return Answer(200, fields)


def tip(txn: Executor, email: str) -> tuple[str, int]:
    """Read the id of an account's document and its newest version. Raises NoSuchAccountError."""
    rows = list(txn.execute_statement(_TIP, email))
    if not rows:
        raise NoSuchAccountError("email")
    if len(rows) > 1:
        raise LedgerCorruptError("two accounts have one e-mail")
    return str(rows[0]["id"]), int(rows[0]["version"])


def _revision(row: Mapping[str, Any]) -> dict[str, Any]:
    revision: dict[str, Any] = {
        "version": int(row["version"]),
        "time": row["txTime"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "transactionId": str(row["txId"]),
    }
    # A revision whose data was redacted has only the fields above.
    for name in ("kind", "counterparty"):
        if name in row:
            revision[name] = str(row[name])
    for name in ("amount", "CurrentBalance", "PreviousBalance"):
        if name in row:
            revision[name] = money.from_ledger(row[name])
    return revision


def _token(document_id: str, version: int) -> str:
    return base64.urlsafe_b64encode(f"{document_id}.{version}".encode()).decode().rstrip("=")


def _version(token: str, document_id: str, newest: int) -> int:
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        owner, _, version = base64.b64decode(padded, b"-_", validate=True).decode("ascii").partition(".")
    except (binascii.Error, UnicodeError):
        owner = version = ""
    if owner != document_id or not (version.isdecimal() and len(version) < 19 and int(version) <= newest):
        raise BadInputError(
            "pageToken is not from this account's history; send the nextPageToken of its last page, or none",
            field="pageToken",
        )
    return int(version)
