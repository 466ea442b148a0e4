"""How cells lie in a DynamoDB table: the items of a cell, and what a commit sends for it.

A cell is one item, its head: `pk` namespace/partition, `sk` "." + sort, `v` version, `d` data. Data over 350,000 bytes
goes on in part items (`pk` namespace|partition, so that no scan meets them; `sk` number + "." + sort); then head and
parts all carry `g`, a mark that no other commit has, and the head says in `n` how many parts there are.
"""

import os
from collections.abc import Mapping
from typing import Any

from ledger.store.base import Cell, Key, TooLarge

Item = dict[str, Any]

PART_BYTES = 350_000
_PARTITION_KEY_BYTES = 2048
_SORT_KEY_BYTES = 1024


class Layout:
    """Where the cells of one namespace stand in one table."""

    def __init__(self, table_name: str, namespace: str) -> None:
        if not namespace or "/" in namespace or "|" in namespace:
            raise ValueError(f"namespace is {namespace!r}: give text without '/' and '|', such as the ledger's name")
        self.table_name = table_name
        self.namespace = namespace

    def partition(self, partition: str) -> str:
        """Give the `pk` of a partition's heads."""
        return f"{self.namespace}/{partition}"

    def head(self, key: Key) -> Item:
        """Give the primary key of a cell's head; DynamoDB wants `sk` not empty, hence the dot."""
        return _primary(self.partition(key.partition), f".{key.sort}")

    def parts(self, key: Key, count: int, first: int = 1) -> list[Item]:
        """Give the primary keys of a cell's parts `first` to `count`."""
        pk = f"{self.namespace}|{key.partition}"
        return [_primary(pk, f"{number:02}.{key.sort}") for number in range(first, count + 1)]

    def is_head(self, item: Item) -> bool:
        """Tell whether an item of a partition is a head: nothing else that somebody put there counts."""
        return bool(item["sk"]["S"].startswith("."))

    def key(self, item: Item) -> Key:
        """Give the key of the cell whose head this is."""
        return Key(item["pk"]["S"][len(self.namespace) + 1 :], item["sk"]["S"][1:])

    def actions(self, key: Key, data: bytes | None, expected: int | None, parts_before: int) -> list[Item]:
        """Give the transaction's actions that put or delete a cell; the head's comes first.

        `parts_before` is how many parts the cell is believed to have. The condition proves it, so that no commit leaves
        a part behind, and none pays a read to find out: nearly all cells have none.
        """
        condition = _condition(expected, parts_before)
        if data is None:
            head = {"Delete": {"TableName": self.table_name, "Key": self.head(key), **condition}}
            return [head, *self._deletes(key, parts_before)]
        pieces = [data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES)] or [b""]
        item = self.head(key) | {"v": {"N": str((expected or 0) + 1)}, "d": {"B": pieces[0]}}
        count = len(pieces) - 1
        if count:
            mark = {"g": {"B": os.urandom(12)}}
            item |= {"n": {"N": str(count)}, **mark}
            items = zip(self.parts(key, count), pieces[1:], strict=True)
            more = [self._put(primary | {"d": {"B": piece}} | mark) for primary, piece in items]
        else:
            more = []
        return [self._put(item, condition), *more, *self._deletes(key, parts_before, count + 1)]

    def check(self, key: Key, expected: int | None) -> Item:
        """Give the transaction's action that only checks a version."""
        return {"ConditionCheck": {"TableName": self.table_name, "Key": self.head(key), **_condition(expected)}}

    def get(self, primary: Item, projection: str | None = None) -> Item:
        """Give an action of a reading transaction."""
        names = {"ProjectionExpression": projection} if projection else {}
        return {"Get": {"TableName": self.table_name, "Key": primary, **names}}

    def _put(self, item: Item, condition: Mapping[str, Any] | None = None) -> Item:
        return {"Put": {"TableName": self.table_name, "Item": item, **(condition or {})}}

    def _deletes(self, key: Key, count: int, first: int = 1) -> list[Item]:
        return [{"Delete": {"TableName": self.table_name, "Key": part}} for part in self.parts(key, count, first)]


def version(head: Item | None) -> int | None:
    """Give the version that a head has, None if there is no head."""
    return int(head["v"]["N"]) if head else None


def part_count(head: Item) -> int:
    """Give how many parts follow a head."""
    return int(head["n"]["N"]) if "n" in head else 0


def joined(head: Item, parts: list[Item | None]) -> Cell | None:
    """Put a cell together, or give None if the parts are not those that were written with this head."""
    pieces = [_bytes(head)]
    for part in parts:
        if part is None or part["g"]["B"] != head["g"]["B"]:
            return None
        pieces.append(_bytes(part))
    return Cell(int(head["v"]["N"]), b"".join(pieces))


def size(action: Item) -> int:
    """Give the bytes that a transaction's action counts for: names and values of the item, or of its key."""
    ((_, body),) = action.items()
    return sum(
        len(name) + sum(len(value.encode() if isinstance(value, str) else value) for value in typed.values())
        for name, typed in body.get("Item", body.get("Key")).items()
    )


def _primary(pk: str, sk: str) -> Item:
    for what, text, limit in (("partition", pk, _PARTITION_KEY_BYTES), ("sort", sk, _SORT_KEY_BYTES)):
        got = len(text.encode())
        if got > limit:
            raise TooLarge(f"bytes in a DynamoDB {what} key", got, limit)
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _condition(expected: int | None, parts_before: int | None = None) -> Item:
    if expected is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    text, values = "v = :v", {":v": {"N": str(expected)}}
    if parts_before is None:
        return {"ConditionExpression": text, "ExpressionAttributeValues": values}
    if parts_before:
        text, values = f"{text} AND n = :n", values | {":n": {"N": str(parts_before)}}
    else:
        text = f"{text} AND attribute_not_exists(n)"
    # ALL_OLD: the head comes back when the condition fails, and says whether the version or only the belief was wrong.
    return {
        "ConditionExpression": text,
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _bytes(item: Item) -> bytes:
    return bytes(item["d"]["B"])
