"""What goes into one PutRecords call: never two records of one partition key, unless they share one Kinesis record.

Kinesis may refuse some entries of a call and take others. If two were of one partition key, the later one could get in
before the earlier one is repeated. So each call carries only what may arrive in any order, and the next call waits for
its acknowledgement.
"""

from collections import deque
from typing import Any, NamedTuple, Protocol

from ledger.stream.records import Record

MOST_ENTRIES = 500
MOST_CALL_BYTES = 5 * 1024 * 1024
MOST_RECORD_BYTES = 1024 * 1024
"""Kinesis' limits (API reference, PutRecords); partition keys count."""


class Entry(NamedTuple):
    """An entry of a call.

    Attributes:
        request: as PutRecords takes it.
        records: what it carries.
        shard_id: where it must arrive, if that matters.
    """

    request: dict[str, Any]
    records: list[Record]
    shard_id: str | None = None


class Packing(Protocol):
    """How records become entries."""

    def take(self, pending: deque[Record]) -> list[Entry]:
        """Take from `pending`, which is in order and not empty, what can go into one call; at least one record."""

    def learn(self) -> None:
        """Look anew at where the stream's shards are."""


class Plain:
    """Each record an entry of its own, in order, up to the first whose partition key is in the call already."""

    def take(self, pending: deque[Record]) -> list[Entry]:
        """See `Packing.take`."""
        entries: list[Entry] = []
        keys: set[str] = set()
        size = 0
        while pending and len(entries) < MOST_ENTRIES and pending[0].partition_key not in keys:
            size += record_size(pending[0])
            if size > MOST_CALL_BYTES:
                break
            entries.append(plain_entry(pending.popleft()))
            keys.add(entries[-1].records[0].partition_key)
        return entries

    def learn(self) -> None:
        """See `Packing.learn`: it does not matter here."""


def plain_entry(record: Record, shard_id: str | None = None) -> Entry:
    """Return the entry of a record by itself."""
    return Entry({"Data": record.data, "PartitionKey": record.partition_key}, [record], shard_id)


def record_size(record: Record) -> int:
    """Return what a record counts towards Kinesis' limits."""
    return len(record.data) + len(record.partition_key.encode())
