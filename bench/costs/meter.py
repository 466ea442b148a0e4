"""Counts what DynamoDB would charge for the calls of a client, by the rules of its developer guide.

A write unit is 1 KB of an item, the larger of before and after; a read unit is 4 KB read consistently. In a transaction
each counts twice, and an item whose condition alone is checked counts as written. A Query rounds up the sum of a page.
Source: DynamoDB Developer Guide, "DynamoDB read and write operations" and "Transactions: capacity management".
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Item = Mapping[str, Mapping[str, Any]]

WRITE_UNITS, READ_UNITS, REQUESTS, STORED_BYTES = "writeUnits", "readUnits", "requests", "storedBytes"
_WRITE_BYTES, _READ_BYTES = 1024, 4096
_REFUSED = "ConditionalCheckFailedException"  # is charged as a write
_STORED_OVERHEAD = 100  # bytes of each item that are billed for its index


class Meter:
    """Listens to a boto3 DynamoDB client. `counts` grows with each call that it makes.

    A client of an own table only: the meter knows an item's size from the time that it saw it written or read.
    """

    def __init__(self, client: Any) -> None:
        """Start to listen."""
        self.counts: Counter[str] = Counter()
        self._sizes: dict[tuple[str, str], int] = {}
        client.meta.events.register("provide-client-params.dynamodb.*", self._sent)
        client.meta.events.register("after-call.dynamodb.*", self._answered)
        self._rules: dict[str, Callable[[Any, Any], None]] = {
            "TransactWriteItems": self._transact_write,
            "TransactGetItems": self._transact_get,
            "BatchGetItem": self._batch_get,
            "GetItem": self._get,
            "Query": self._query,
            "PutItem": self._put,
        }
        self._parameters: Any = None

    def _sent(self, params: Any, **_: Any) -> None:
        self._parameters = params

    def _answered(self, model: Any, parsed: Any, http_response: Any, **_: Any) -> None:
        if http_response.status_code != 200 and parsed["Error"]["Code"] != _REFUSED:
            raise RuntimeError(f"{model.name} failed while it was counted: {parsed['Error']}")
        self.counts[REQUESTS] += 1
        self._rules[model.name](self._parameters, parsed)

    def _transact_write(self, params: Any, _answer: Any) -> None:
        for action in params["TransactItems"]:
            ((kind, what),) = action.items()
            new = size(what["Item"]) if kind == "Put" else 0
            key = _key(what.get("Item") or what["Key"])
            old = self._sizes.get(key, 0)
            self.counts[WRITE_UNITS] += 2 * _units(max(old, new), _WRITE_BYTES)
            if kind != "ConditionCheck":
                self._keep(key, old, new)

    def _put(self, params: Any, answer: Any) -> None:
        key, new = _key(params["Item"]), size(params["Item"])
        old = self._sizes.get(key, 0)
        self.counts[WRITE_UNITS] += _units(max(old, new), _WRITE_BYTES)
        if "Error" not in answer:
            self._keep(key, old, new)

    def _transact_get(self, params: Any, _answer: Any) -> None:
        keys = [_key(action["Get"]["Key"]) for action in params["TransactItems"]]
        self._read((self._sizes.get(key, 0) for key in keys), 2)

    def _batch_get(self, params: Any, _answer: Any) -> None:
        for asked in params["RequestItems"].values():
            sizes = (self._sizes.get(_key(key), 0) for key in asked["Keys"])
            self._read(sizes, _share(asked))

    def _get(self, params: Any, _answer: Any) -> None:
        self._read([self._sizes.get(_key(params["Key"]), 0)], _share(params))

    def _query(self, params: Any, answer: Any) -> None:
        found = sum(self._sizes.get(_key(item), size(item)) for item in answer["Items"])
        self._read([found], _share(params))

    def _read(self, sizes: Iterable[int], share: float) -> None:
        self.counts[READ_UNITS] += sum(share * _units(each, _READ_BYTES) for each in sizes)

    def _keep(self, key: tuple[str, str], old: int, new: int) -> None:
        self._sizes[key] = new
        self.counts[STORED_BYTES] += _stored(new) - _stored(old)


def size(item: Item) -> int:
    """Return the bytes of an item: of its attributes' names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    if kind == "N":
        return (len(held.lstrip("-").replace(".", "")) + 1) // 2 + 1
    return len(held.encode() if kind == "S" else held)


def _key(item: Item) -> tuple[str, str]:
    first, second = item.get("pk") or item["email"], item.get("sk") or {"S": ""}
    return first["S"], second["S"]


def _units(found: int, of: int) -> int:
    return max(1, math.ceil(found / of))


def _share(params: Any) -> float:
    return 1 if params.get("ConsistentRead") else 0.5


def _stored(found: int) -> int:
    return found + _STORED_OVERHEAD if found else 0
