"""Records packed as the Kinesis Producer Library does: many in one Kinesis record, and one such record for each shard.

Consumers drop packed records whose partition key does not belong to the shard that the pack arrived in, as may happen
after a resharding (Kinesis Producer Library, "aggregation format"). So it is known beforehand where each has to arrive.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from hashlib import md5
from typing import NamedTuple

from aws_kinesis_agg.aggregator import AggRecord

from ledger.stream.entries import (
    MOST_CALL_BYTES,
    MOST_ENTRIES,
    MOST_RECORD_BYTES,
    Entry,
    plain_entry,
    record_size,
)
from ledger.stream.records import Record

_OVERHEAD_BYTES = 64
"""More than a record takes in a pack besides its data and its key of 22 characters, the pack's frame included."""


class Shard(NamedTuple):
    """An open shard, and the first of the hash keys that it takes."""

    shard_id: str
    first: int


class Aggregated:
    """Packs the records of each shard, in order, into one entry of up to 1 MiB."""

    def __init__(self, list_shards: Callable[[], list[Shard]]) -> None:
        """Pack for the shards that `list_shards` gives."""
        self._list_shards = list_shards
        self._shards: list[Shard] = []

    def take(self, pending: deque[Record]) -> list[Entry]:
        """See `Packing.take`."""
        if not self._shards:
            self.learn()
        packs: dict[Shard, _Pack] = {}
        full: set[Shard] = set()
        left: list[Record] = []
        room = MOST_CALL_BYTES
        for record in pending:
            shard, size = self._shard_of(record), record_size(record) + _OVERHEAD_BYTES
            pack = packs.get(shard) or _Pack(shard)
            if shard in full or size > room or len({*packs, shard}) > MOST_ENTRIES or not pack.add(record):
                full.add(shard)
                left.append(record)
            else:
                packs[shard] = pack
                room -= size
        pending.clear()
        pending.extend(left)
        return [pack.entry() for pack in packs.values()]

    def learn(self) -> None:
        """See `Packing.learn`."""
        self._shards = sorted(self._list_shards(), key=lambda shard: shard.first)

    def _shard_of(self, record: Record) -> Shard:
        digest = md5(record.partition_key.encode(), usedforsecurity=False).digest()
        position = bisect_right(self._shards, int.from_bytes(digest), key=lambda shard: shard.first)
        return self._shards[position - 1]


class _Pack:
    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._packed = AggRecord(MOST_RECORD_BYTES - _OVERHEAD_BYTES)
        self._records: list[Record] = []
        self._alone = False

    def add(self, record: Record) -> bool:
        """Put a record in, if there is room; one that fills a whole Kinesis record goes by itself, not packed."""
        if self._alone:
            return False
        if record_size(record) + _OVERHEAD_BYTES > self._packed.max_size:
            self._alone = not self._records
            fits = self._alone
        else:
            fits = self._packed.add_user_record(record.partition_key, record.data)
        if fits:
            self._records.append(record)
        return fits

    def entry(self) -> Entry:
        if self._alone:
            return plain_entry(self._records[0], self._shard.shard_id)
        key, _, data = self._packed.get_contents()
        request = {"Data": data, "PartitionKey": key, "ExplicitHashKey": str(self._shard.first)}
        return Entry(request, self._records, self._shard.shard_id)
