"""Storage of the ledger: versioned cells in SQLite or DynamoDB."""

from importlib import import_module
from typing import TYPE_CHECKING

from ledger.store.base import (
    Cell,
    Conflict,
    Corrupt,
    Key,
    OutcomeUnknown,
    Store,
    StoreError,
    Throttled,
    TooLarge,
    Unavailable,
    Unusable,
)

if TYPE_CHECKING:
    from ledger.store.dynamodb import DynamoDBStore
    from ledger.store.sqlite import SQLiteStore

__all__ = [
    "Cell",
    "Conflict",
    "Corrupt",
    "DynamoDBStore",
    "Key",
    "OutcomeUnknown",
    "SQLiteStore",
    "Store",
    "StoreError",
    "Throttled",
    "TooLarge",
    "Unavailable",
    "Unusable",
]


_MODULES = {"DynamoDBStore": "ledger.store.dynamodb", "SQLiteStore": "ledger.store.sqlite"}


def __getattr__(name: str) -> object:
    # Each store is imported when it is first asked for: boto3 costs a cold start that users of SQLite need not pay.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
