"""Reading cells from DynamoDB, strongly consistent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ledger.store.base import Cell, Corrupt, Counted, Key, Throttled, check_limit
from ledger.store.dynamodb_calls import Patience, read
from ledger.store.dynamodb_items import Item, Layout, joined, part_count

_BATCH_KEYS = 100
_FIRST_PAGE, _LAST_PAGE = 32, 2048
_MOST_PARTS = 99
_MALFORMED = (LookupError, TypeError, ValueError)


class DynamoDBReader(Counted):
    """The reading half of a `DynamoDBStore`.

    Attributes:
        torn_seconds: for how long after one cell of a commit was read as it wrote it another may still be read as it
            was before. Items become visible one by one: within milliseconds, or when DynamoDB takes the transaction
            over, 5 seconds after its coordinator died.
    """

    torn_seconds = 6.0

    def __init__(self, layout: Layout, client: Any, patience: Patience) -> None:
        super().__init__()
        self._layout, self._client, self._patience = layout, client, patience

    def get(self, keys: Iterable[Key]) -> dict[Key, Cell]:
        """Read cells by key, each as last committed; see `Store.get`.

        A single strongly consistent read never sees half of a transaction, several together may: those of one batch
        are of different moments. That is enough, since a commit checks the versions of all that it relied on.
        """
        wanted = list(dict.fromkeys(keys))
        heads = self._items([self._layout.head(key) for key in wanted])
        cells = self._cells({key: head for key, head in zip(wanted, heads, strict=True) if head})
        self._usage.reads += len(cells)
        return cells

    def scan(
        self,
        partition: str,
        *,
        start: str | None = None,
        stop: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Iterator[tuple[Key, Cell]]:
        """Read a range of a partition in pages of 32 cells at first, of up to 2048 or 1 MB later; see `Store.scan`."""
        check_limit(limit)
        query = self._query(partition, start, stop, reverse=reverse)
        empty = limit == 0 or (start is not None and stop is not None and start >= stop)
        return iter(()) if empty else self._pages(query, stop, limit)

    def _query(self, partition: str, start: str | None, stop: str | None, *, reverse: bool) -> Item:
        values = {":pk": {"S": self._layout.partition(partition)}}
        if start is not None:
            values[":start"] = self._layout.head(Key(partition, start))["sk"]
        if stop is not None:
            values[":stop"] = self._layout.head(Key(partition, stop))["sk"]
        # BETWEEN takes its upper end in: the cell at `stop` itself is left out when it comes.
        both, low, high = " AND sk BETWEEN :start AND :stop", " AND sk >= :start", " AND sk < :stop"
        sorts = {(True, True): both, (True, False): low, (False, True): high, (False, False): ""}
        return {
            "TableName": self._layout.table_name,
            "KeyConditionExpression": "pk = :pk" + sorts[start is not None, stop is not None],
            "ExpressionAttributeValues": values,
            "ScanIndexForward": not reverse,
            "ConsistentRead": True,
        }

    def _pages(self, query: Item, stop: str | None, limit: int | None) -> Iterator[tuple[Key, Cell]]:
        most, given = _FIRST_PAGE, 0
        while True:
            page = most if limit is None else min(most, limit - given)
            answer = read(partial(self._client.query, **query, Limit=page), self._patience)
            heads = {self._layout.key(head): head for head in answer["Items"] if self._layout.is_head(head)}
            for item in self._cells({key: head for key, head in heads.items() if key.sort != stop}).items():
                self._usage.reads += 1
                given += 1
                yield item
            if "LastEvaluatedKey" not in answer or given == limit:
                return
            query = query | {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
            most = min(most * 4, _LAST_PAGE)

    def _cells(self, heads: Mapping[Key, Item]) -> dict[Key, Cell]:
        parts = {key: self._layout.parts(key, _part_count(key, head)) for key, head in heads.items()}
        items = iter(self._items([part for some in parts.values() for part in some]))
        cells = {}
        for key, head in heads.items():
            cell = _joined(key, head, [next(items) for _ in parts[key]]) or self._whole(key, len(parts[key]))
            if cell:
                cells[key] = cell
        return cells

    def _whole(self, key: Key, count: int) -> Cell | None:
        """Read head and parts of one cell at one instant, after reading them one by one met a commit between them."""
        while True:
            head, *parts = self._at_one_instant([self._layout.head(key), *self._layout.parts(key, count)], [key])
            if head is None:
                return None
            there = _part_count(key, head)
            if there <= count:
                cell = _joined(key, head, parts[:there])
                if cell is None:
                    raise Corrupt(f"{key}: its {there} parts were not written with its head; stop")
                return cell
            count = there

    def _items(self, primaries: Sequence[Item]) -> list[Item | None]:
        """Read items, strongly consistent, in the order of their primary keys."""
        table = self._layout.table_name
        if len(primaries) == 1:
            get = partial(self._client.get_item, TableName=table, Key=primaries[0], ConsistentRead=True)
            return [read(get, self._patience).get("Item")]
        chunks = [primaries[at : at + _BATCH_KEYS] for at in range(0, len(primaries), _BATCH_KEYS)]
        found = {(item["pk"]["S"], item["sk"]["S"]): item for chunk in chunks for item in self._batch(chunk)}
        return [found.get((primary["pk"]["S"], primary["sk"]["S"])) for primary in primaries]

    def _batch(self, pending: Sequence[Item]) -> Iterator[Item]:
        table, in_vain = self._layout.table_name, 0
        while pending:
            request = {table: {"Keys": pending, "ConsistentRead": True}}
            answer = read(partial(self._client.batch_get_item, RequestItems=request), self._patience)
            yield from answer["Responses"].get(table, [])
            left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            in_vain = in_vain + 1 if len(left) == len(pending) else 0
            if in_vain == self._patience.attempts:
                raise Throttled(f"DynamoDB left {len(left)} keys of a batch unread {in_vain} times; retry later")
            if left:
                self._patience.pause(in_vain + 1)
            pending = left

    def _at_one_instant(
        self, primaries: Sequence[Item], keys: Sequence[Key], projection: str | None = None
    ) -> list[Any]:
        gets = [self._layout.get(primary, projection) for primary in primaries]
        answer = read(partial(self._client.transact_get_items, TransactItems=gets), self._patience, keys)
        return [response.get("Item") for response in answer["Responses"]]


def _part_count(key: Key, head: Item) -> int:
    try:
        count = part_count(head)
    except _MALFORMED as error:
        raise Corrupt(f"{key}: its item is none that this store writes: {error!r}; stop") from error
    if not 0 <= count <= _MOST_PARTS:
        raise Corrupt(f"{key}: its item says that it has {count} parts; stop")
    return count


def _joined(key: Key, head: Item, parts: list[Item | None]) -> Cell | None:
    try:
        return joined(head, parts)
    except _MALFORMED as error:
        raise Corrupt(f"{key}: its items are none that this store writes: {error!r}; stop") from error
