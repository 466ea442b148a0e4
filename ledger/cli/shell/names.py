"""The names in a ledger that a person may want to type: tables, and fields as far as they have been seen."""

from collections.abc import Iterable

from ledger import ion
from ledger.cli.shell.client import Client
from ledger.ion import IonType, Value

_CATALOG = "SELECT name, indexes FROM information_schema.user_tables WHERE status = 'ACTIVE'"
_MAX_FIELDS = 2000
_MAX_DEPTH = 4


class Names:
    """Tables with their indexed fields, as the catalog had them last, and the fields of the results so far."""

    def __init__(self, client: Client) -> None:
        """Read the catalog by `client`, a session of its own, so that no open transaction comes to depend on it."""
        self._client = client
        self.tables: dict[str, list[str]] = {}
        self.fields: set[str] = set()

    def refresh(self) -> None:
        """Read the catalog.

        Raises:
            QldbError: the ledger refuses.
        """
        try:
            transaction = self._client.begin()
            rows = [dict(ion.fields(row)) for page in transaction.execute(_CATALOG).pages() for row in page]
            transaction.commit()
        finally:
            self._client.reset()
        self.tables = {str(row["name"]): [_field(index) for index in row["indexes"]] for row in rows}
        self.fields |= {field for indexed in self.tables.values() for field in indexed}

    def learn(self, rows: Iterable[Value], depth: int = 0) -> None:
        """Remember the fields of some rows, and of the structs in them."""
        for row in rows:
            if len(self.fields) > _MAX_FIELDS or depth > _MAX_DEPTH or ion.is_null(row):
                return
            if ion.type_of(row) is IonType.STRUCT:
                members = list(ion.fields(row))
                self.fields.update(name for name, _ in members)
                self.learn((value for _, value in members), depth + 1)


def _field(index: Value) -> str:
    return str(dict(ion.fields(index))["expr"]).strip("[]")
