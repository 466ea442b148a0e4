"""A Kinesis stream in memory, with what can go wrong with one: throttling, failures, lost answers, resharding."""

import base64
import functools
import hashlib
from typing import NamedTuple

from aws_kinesis_agg.deaggregator import deaggregate_records
from botocore.exceptions import ClientError, ReadTimeoutError

from ledger import ion

KINESIS_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/captable1-kinesis-stream"
MEBIBYTE = 1024 * 1024
HASHES = 1 << 128

LOST = ReadTimeoutError(endpoint_url="https://kinesis.test")


class Killed(BaseException):
    """The forwarder's process ends here."""


KILLED_AFTER = Killed("after the call")


def says(code, status=400):
    """An error as Kinesis sends it."""
    answer = {"Error": {"Code": code, "Message": f"{code} happened"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutRecords")


_loads = functools.lru_cache(5000)(ion.loads)


class Arrived(NamedTuple):
    """A record as a consumer that keeps to the rules sees it."""

    shard_id: str
    partition_key: str
    value: ion.Value


class Kinesis:
    """A client of one stream.

    `plan`: what befalls the calls of PutRecords, one after the other: None for nothing, an exception (after `LOST` and
    `KILLED_AFTER` the records have arrived), a set with the positions of the entries that are refused, or a function
    that is called before the call is carried out; nothing befalls those after its end.
    """

    def __init__(self, shards=1, plan=()):
        self.calls, self.plan = [], iter(plan)
        self.shards, self._listed, self._number = {}, None, 0
        self._records = []
        for index in range(shards):
            self._open(index * HASHES // shards, (index + 1) * HASHES // shards - 1)

    def put_records(self, *, StreamARN, Records):  # noqa: N803 - Kinesis' names
        assert StreamARN == KINESIS_ARN
        assert 1 <= len(Records) <= 500
        sizes = [len(each["Data"]) + len(each["PartitionKey"].encode()) for each in Records]
        assert max(sizes) <= MEBIBYTE
        assert sum(sizes) <= 5 * MEBIBYTE
        self.calls.append([each["PartitionKey"] for each in Records])
        fault = next(self.plan, None)
        if callable(fault):
            fault = fault(self)
        if isinstance(fault, BaseException) and fault not in {LOST, KILLED_AFTER}:
            raise fault
        refused = fault if isinstance(fault, set) else set()
        results = [self._put(each, position in refused) for position, each in enumerate(Records)]
        if isinstance(fault, BaseException):
            raise fault
        failed = sum("ErrorCode" in result for result in results)
        return {"FailedRecordCount": failed, "Records": results}

    def list_shards(self, **request):
        if "StreamARN" in request:
            assert request["StreamARN"] == KINESIS_ARN
            self._listed = [self._shown(shard_id) for shard_id in self.shards]
        at = int(request.get("NextToken", 0))
        size = request.get("MaxResults", 2)
        more = {"NextToken": str(at + size)} if at + size < len(self._listed) else {}
        return {"Shards": self._listed[at : at + size], **more}

    def split(self, shard_id):
        """Close a shard and open one for each half of it."""
        first, last, _ = self.shards[shard_id]
        self.shards[shard_id] = (first, last, True)
        middle = (first + last) // 2
        self._open(first, middle)
        self._open(middle + 1, last)

    def merge(self, one, other):
        """Close two neighbours and open one in their place."""
        for shard_id in (one, other):
            self.shards[shard_id] = (*self.shards[shard_id][:2], True)
        self._open(self.shards[one][0], self.shards[other][1])

    def open_shards(self):
        return [shard_id for shard_id, (_, _, closed) in self.shards.items() if not closed]

    def arrived(self):
        """What consumers get, in the order in which it came; packed records that are not of their shard are dropped."""
        return [each for shard_id, record in self._records for each in self._unpacked(shard_id, record)]

    def _unpacked(self, shard_id, record):
        sent = {
            "kinesisSchemaVersion": "1.0",
            "sequenceNumber": "1",
            "approximateArrivalTimestamp": 0,
            "partitionKey": record["PartitionKey"],
            "data": base64.b64encode(record["Data"]),
        }
        first, last, _ = self.shards[shard_id]
        for each in deaggregate_records([{"kinesis": sent}]):
            key = each["kinesis"]["partitionKey"]
            if first <= hash_key(key) <= last:
                yield Arrived(shard_id, key, _loads(base64.b64decode(each["kinesis"]["data"])))

    def _put(self, entry, is_refused):
        if is_refused:
            return {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"}
        at = int(entry["ExplicitHashKey"]) if "ExplicitHashKey" in entry else hash_key(entry["PartitionKey"])
        [shard_id] = [
            shard_id for shard_id, (first, last, closed) in self.shards.items() if first <= at <= last and not closed
        ]
        self._records.append((shard_id, entry))
        self._number += 1
        return {"SequenceNumber": str(self._number), "ShardId": shard_id}

    def _open(self, first, last):
        self.shards[f"shardId-{len(self.shards):012d}"] = (first, last, False)

    def _shown(self, shard_id):
        first, last, closed = self.shards[shard_id]
        ending = {"EndingSequenceNumber": "9"} if closed else {}
        return {
            "ShardId": shard_id,
            "HashKeyRange": {"StartingHashKey": str(first), "EndingHashKey": str(last)},
            "SequenceNumberRange": {"StartingSequenceNumber": "0", **ending},
        }


def hash_key(partition_key):
    return int.from_bytes(hashlib.md5(partition_key.encode()).digest(), "big")
