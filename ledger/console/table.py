"""A DynamoDB table as the place of a console's ledgers."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from ledger.server.table import TableStores
from ledger.settings import SETTINGS_KEY
from ledger.store import Store
from ledger.store.dynamodb import default_client

_PAGES_LOOKED_THROUGH = 20


class Table:
    """A DynamoDB table that holds ledgers, each in a namespace that is its name."""

    def __init__(self, table_name: str, named: Iterable[str] = (), client: Any = None) -> None:
        """Use a table that exists; nothing is called yet.

        Args:
            named: the ledgers to show. Without any, those on the table's list, which a server keeps; and if it has
                none, those that are found in the first 20 MB of the table, which is scanned for them.
        """
        self._table_name = table_name
        self._named = tuple(named)
        self._client = client or default_client()
        self._stores = TableStores(table_name, self._client)

    def names(self) -> Iterable[str]:
        """Give the names."""
        return self._named or self._stores.names() or sorted(self._found())

    def open(self, name: str) -> Store:
        """Return the store of the namespace."""
        return self._stores.open(name)

    def close(self) -> None:
        """Close the client that all stores share."""
        self._stores.close()

    def _found(self) -> Iterator[str]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table_name,
            FilterExpression="sk = :settings AND contains(pk, :ledger)",
            ProjectionExpression="pk",
            ExpressionAttributeValues={
                ":settings": {"S": f".{SETTINGS_KEY.sort}"},
                ":ledger": {"S": f"/{SETTINGS_KEY.partition}"},
            },
        )
        for page in islice(pages, _PAGES_LOOKED_THROUGH):
            for item in page["Items"]:
                name, _, partition = item["pk"]["S"].partition("/")
                if partition == SETTINGS_KEY.partition:
                    yield name
