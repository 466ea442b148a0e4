"""Tables as a page shows them, and the fields that their documents have: a ledger knows no schema, so some are read."""

from itertools import islice
from typing import Any

from ledger import ion
from ledger.catalog import TableInfo
from ledger.console.watch import Watch, WatchedTransaction
from ledger.errors import InvalidParameterException
from ledger.ion import IonType
from ledger.ledger import Ledger

_DOCUMENTS = 20
_SECONDS = 5.0


def described(table: TableInfo) -> dict[str, Any]:
    """Return `{name, tableId, status, indexes}`."""
    indexes = [{"field": index.field, "status": index.status} for index in table.indexes]
    return {"name": table.name, "tableId": table.id, "status": table.status, "indexes": indexes}


def fields(ledger: Ledger, table_name: str) -> list[dict[str, Any]]:
    """Return the fields of a table's first documents, `{name, types}` each, in the order in which they are met.

    Raises:
        InvalidParameterException: there is no such active table.
    """
    table = WatchedTransaction(ledger, Watch(_SECONDS)).table(table_name)
    if table is None:
        raise InvalidParameterException(f"there is no table {table_name[:40]!r} in this ledger", "table")
    found: dict[str, dict[str, None]] = {}
    for document in islice(table.scan(), _DOCUMENTS):
        for name, value in ion.fields(document.data or {}):
            found.setdefault(name, {})[_type_name(value)] = None
    return [{"name": name, "types": list(types)} for name, types in found.items()]


def _type_name(value: ion.Value) -> str:
    ion_type = IonType.NULL if ion.is_null(value) else ion.type_of(value)
    return str(ion_type.name).lower()
