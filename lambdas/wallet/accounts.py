"""Accounts as documents of the ledger table `wallettable`: the statements, and the shape that they read and write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pyqldb.execution.executor import Executor

from lambdas.wallet import money
from lambdas.wallet.errors import LedgerCorruptError, NoSuchAccountError

TABLE = "wallettable"

_FIND = (
    "SELECT id, w.username, w.CurrentBalance, w.PreviousBalance, w.profilePending "
    "FROM wallettable AS w BY id WHERE w.email = ?"
)
_INSERT = "INSERT INTO wallettable ?"
_REPLACE = "UPDATE wallettable AS w BY id SET w = ? WHERE id = ?"


class Kind(StrEnum):
    """What made a revision of an account."""

    CREATE = "createaccount"
    ADD = "addfunds"
    WITHDRAW = "withdrawfunds"
    SEND = "transfersent"
    RECEIVE = "transferreceived"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as a transaction sees it; without a document id it is yet to be created.

    `profile_pending`: its profile is not known to have been written.
    """

    document_id: str | None
    email: str
    username: str
    current_balance: Decimal
    previous_balance: Decimal
    profile_pending: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The next state of an account, and what brought it about."""

    kind: Kind
    amount: Decimal
    balance: Decimal
    counterparty: str | None = None
    profile_pending: bool = False


def find(txn: Executor, email: str) -> Account | None:
    """Read the account with this e-mail. Raises LedgerCorruptError if there are two."""
    rows = list(txn.execute_statement(_FIND, email))
    if len(rows) > 1:
        raise LedgerCorruptError("two accounts have one e-mail")
    return _account(email, rows[0]) if rows else None


def get(txn: Executor, email: str, field: str = "email") -> Account:
    """Read the account with this e-mail, which stood in this field of the request. Raises NoSuchAccountError."""
    account = find(txn, email)
    if account is None:
        raise NoSuchAccountError(field)
    return account


def write(txn: Executor, account: Account, change: Change) -> str:
    """Write the account's next revision and give its document id.

    The document is replaced as a whole, so no field of the last change stays.
    """
    document = _document(account, change)
    if account.document_id is None:
        rows = list(txn.execute_statement(_INSERT, document))
        return str(rows[0]["documentId"])
    txn.execute_statement(_REPLACE, document, account.document_id)
    return account.document_id


def new(email: str, username: str) -> Account:
    """Give an account to be created: nothing in it, its profile still to be written."""
    return Account(None, email, username, money.ZERO, money.ZERO, profile_pending=True)


def _account(email: str, row: Mapping[str, Any]) -> Account:
    return Account(
        document_id=str(row["id"]),
        email=email,
        username=str(row["username"]),
        current_balance=money.from_ledger(row["CurrentBalance"]),
        previous_balance=money.from_ledger(row["PreviousBalance"]),
        profile_pending=bool(row.get("profilePending")),
    )


def _document(account: Account, change: Change) -> dict[str, Any]:
    document: dict[str, Any] = {
        "email": account.email,
        "username": account.username,
        "CurrentBalance": change.balance,
        "PreviousBalance": account.current_balance,
        "kind": str(change.kind),
        "amount": change.amount,
    }
    if change.counterparty is not None:
        document["counterparty"] = change.counterparty
    if change.profile_pending:
        document["profilePending"] = True
    return document
