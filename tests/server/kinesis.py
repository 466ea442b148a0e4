"""Data streams of the local cloud, and what has come into them."""

import time
import uuid
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from aws_kinesis_agg.deaggregator import deaggregate_records

from ledger import ion

_SECONDS = 60
_LOOKS_A_SECOND = 10


class Streamed(NamedTuple):
    """A record of a journal stream: its type, its payload, and the partition key it came under."""

    kind: str
    payload: Any
    key: str
    arn: str


class DataStream:
    """A new Kinesis data stream of two shards, and what has been read of it so far.

    Attributes:
        arrivals: how many Kinesis records that is, packed ones counted once.
    """

    def __init__(self, client) -> None:
        self.client = client
        self.name = f"journal-{uuid.uuid4().hex}"
        self.create()

    def create(self) -> None:
        self.client.create_stream(StreamName=self.name, ShardCount=2)
        self.arn = self.client.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]["StreamARN"]
        shards = self.client.list_shards(StreamName=self.name)["Shards"]
        self._iterators = {shard["ShardId"]: self._beginning(shard["ShardId"]) for shard in shards}
        self._records: list[Streamed] = []
        self.arrivals = 0

    def delete(self) -> None:
        self.client.delete_stream(StreamName=self.name)

    def records(self) -> list[Streamed]:
        """All that has come in, unpacked and decoded; what is of one shard is in its order."""
        for shard_id in self._iterators:
            for each in _unpacked(self._news(shard_id)):
                self._records.append(decoded(each["partitionKey"], b64decode(each["data"])))
        return self._records

    def wait_for(self, condition) -> list[Streamed]:
        """Look until what has come in meets the condition, and return it."""
        for _ in range(_SECONDS * _LOOKS_A_SECOND):
            records = self.records()
            if condition(records):
                return records
            time.sleep(1 / _LOOKS_A_SECOND)
        raise AssertionError(f"not met after {_SECONDS} s by {[record[:2] for record in records]}")

    def _beginning(self, shard_id: str) -> str:
        begin = {"ShardId": shard_id, "ShardIteratorType": "TRIM_HORIZON"}
        return self.client.get_shard_iterator(StreamName=self.name, **begin)["ShardIterator"]

    def _news(self, shard_id: str) -> list[dict[str, Any]]:
        found = []
        while True:
            page = self.client.get_records(ShardIterator=self._iterators[shard_id])
            self._iterators[shard_id] = page["NextShardIterator"]
            if not page["Records"]:
                return found
            found += page["Records"]
            self.arrivals += len(page["Records"])


def decoded(partition_key: str, data: bytes) -> Streamed:
    """A record from its bytes."""
    value = ion.loads(data)
    return Streamed(str(value["recordType"]), value["payload"], partition_key, str(value["qldbStreamArn"]))


def of_kind(records: list[Streamed], kind: str) -> list[Any]:
    """The payloads of one record type."""
    return [record.payload for record in records if record.kind == kind]


def control(records: list[Streamed]) -> list[str]:
    """What the control records say."""
    return [payload["controlRecordType"] for payload in of_kind(records, "CONTROL")]


def summaries(records: list[Streamed]) -> dict[tuple[str, int], Any]:
    """The block summaries by strand and sequence number, after a look at whether each strand's came in order."""
    found: dict[tuple[str, int], Any] = {}
    for payload in of_kind(records, "BLOCK_SUMMARY"):
        address = str(payload["blockAddress"]["strandId"]), int(payload["blockAddress"]["sequenceNo"])
        before = (address[0], address[1] - 1)
        assert address in found or before in found or not any(strand == address[0] for strand, _ in found)
        found[address] = payload
    return found


def holds(records: list[Streamed], ends: set[tuple[str, int]]) -> bool:
    """Whether these blocks have come in, and all revisions of all blocks that have."""
    found = summaries(records)
    listed = [each for block in found.values() for each in block["revisionSummaries"]]
    named = {bytes(each["hash"]) for each in listed if "documentId" in each}
    details = {bytes(payload["revision"]["hash"]) for payload in of_kind(records, "REVISION_DETAILS")}
    return ends <= found.keys() and named <= details


def _unpacked(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The user records, by the library that consumers use, which takes them as Lambda gives them."""
    given = [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"],
                "data": b64encode(record["Data"]),
            }
        }
        for record in records
    ]
    return [each["kinesis"] for each in deaggregate_records(given)]
