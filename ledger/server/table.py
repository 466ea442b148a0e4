"""Ledgers in one DynamoDB table, each in a namespace that is its name."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from ledger.record import pack
from ledger.server.attributes import CONTROL_KEY, Attributes, State
from ledger.settings import SETTINGS_KEY
from ledger.store import Conflict, Key, Store
from ledger.store.dynamodb import DynamoDBStore, default_client
from ledger.store.dynamodb_items import Layout

# No ledger can have this name, so the list of ledgers stands beside them in the table.
_LIST, _PARTITION = ".ledgers", "ledgers"
_LAST = (CONTROL_KEY, SETTINGS_KEY)
_AT_ONCE = 20


class TableStores:
    """A DynamoDB table. A ledger that is deleted is its items deleted, but for its control cell."""

    strands = 8

    def __init__(self, table_name: str, client: Any = None) -> None:
        """Use a table that exists; nothing is called yet."""
        self._table_name = table_name
        self._client = client or default_client()
        self._list = DynamoDBStore(table_name, namespace=_LIST, client=self._client)

    def names(self) -> list[str]:
        """Return the names on the list."""
        return [key.sort for key, _ in self._list.scan(_PARTITION)]

    def exists(self, name: str) -> bool:  # noqa: ARG002 - only reading can tell
        """Return true: what is in the namespace is known when it is read."""
        return True

    def open(self, name: str, *, create: bool = False) -> Store:  # noqa: ARG002 - any namespace can be opened
        """Return the store of the namespace."""
        return DynamoDBStore(self._table_name, namespace=name, client=self._client)

    def note(self, name: str) -> None:
        """Put the name on the list."""
        key = Key(_PARTITION, name)
        with suppress(Conflict):
            self._list.commit({key: b""}, {key: None})

    def remove(self, name: str, store: Store) -> None:
        """Delete the cells, each on condition that the ledger is still the one that is being deleted."""
        known = store.get(_LAST)
        version = known[CONTROL_KEY].version
        found = (key for key in self._keys(name) if key not in _LAST)
        while keys := list(islice(found, _AT_ONCE)):
            cells = store.get(keys)
            expected: dict[Key, int | None] = {key: cell.version for key, cell in cells.items()}
            # Another server may have been faster, and the name may have a new ledger by now: then this fails.
            store.commit(dict.fromkeys(cells), {**expected, CONTROL_KEY: version})
        self._unlist(name)
        deleted = pack(Attributes(state=State.DELETED)._asdict())
        store.commit({CONTROL_KEY: deleted, SETTINGS_KEY: None}, {key: cell.version for key, cell in known.items()})

    def _unlist(self, name: str) -> None:
        for key, cell in self._list.get([Key(_PARTITION, name)]).items():
            self._list.commit({key: None}, {key: cell.version})

    def close(self) -> None:
        """Close the client that all stores share."""
        self._client.close()

    def _keys(self, name: str) -> Iterator[Key]:
        layout = Layout(self._table_name, name)
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table_name,
            ConsistentRead=True,
            FilterExpression="begins_with(pk, :mine)",
            ProjectionExpression="pk, sk",
            ExpressionAttributeValues={":mine": {"S": layout.partition("")}},
        )
        for page in pages:
            yield from map(layout.key, page["Items"])
