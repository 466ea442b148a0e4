"""Kinesis and Lambda as a consumer sees them: events, contexts, shards that deliver again, and clients that fail."""

import random
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence

from aws_kinesis_agg import aggregator
from botocore.exceptions import ClientError, ReadTimeoutError

from ledger.stream import Record

ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/captable1-kinesis-stream"
SHARD = "shardId-000000000000"


class Context:
    """A Lambda context with this much time left at each look, the last of them for ever."""

    def __init__(self, *left: int) -> None:
        self._left = list(left or (60_000,))

    def get_remaining_time_in_millis(self) -> int:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


def delivered(record: Record, number: int, shard_id: str = SHARD) -> dict:
    """Make the event's record of the number-th record of a shard."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": f"{number:056d}",
            "data": b64encode(record.data).decode(),
            "approximateArrivalTimestamp": 1545084650.987,
        },
        "eventSource": "aws:kinesis",
        "eventID": f"{shard_id}:{number:056d}",
        "eventSourceARN": ARN,
    }


def event(records: Iterable[Record], shard_id: str = SHARD, first: int = 0) -> dict:
    return {"Records": [delivered(record, number, shard_id) for number, record in enumerate(records, first)]}


def failed_numbers(answer: dict) -> list[int]:
    assert list(answer) == ["batchItemFailures"]
    return [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]


def aggregated(records: Sequence[Record]) -> Record:
    """Put records into one, as the Kinesis Producer Library does."""
    together = aggregator.AggRecord()
    for record in records:
        assert together.add_user_record(record.partition_key, record.data)
    partition_key, _, data = together.get_contents()
    return Record(partition_key, data)


def in_aggregates(records: Sequence[Record], size: int) -> list[Record]:
    return [aggregated(records[at : at + size]) for at in range(0, len(records), size)]


def deliver(
    handler: Callable, records: Sequence[Record], *, batch_size: int = 10, pause: Callable[[], object] = lambda: None
) -> None:
    """Deliver a shard as Lambda does: batch by batch, and from the lowest failed record on again, after a pause."""
    position, calls = 0, 0
    while position < len(records):
        batch = records[position : position + batch_size]
        failed = failed_numbers(handler(event(batch, first=position), Context()))
        assert all(position <= number < position + len(batch) for number in failed)
        position = min(failed, default=position + len(batch))
        calls += 1
        assert calls < 50 * len(records), "the shard does not get on"
        if failed:
            pause()


class Flaky:
    """A client of which one call in a hundred fails: it is refused, or its answer is lost. `steady` calls never do."""

    def __init__(self, client: object, chance: random.Random, steady: Sequence[str] = ()) -> None:
        self._client = client
        self._chance = chance
        self._steady = steady

    def __getattr__(self, name: str):
        found = getattr(self._client, name)
        if name == "exceptions" or name in self._steady:
            return found

        def call(**arguments):
            if self._chance.randrange(100):
                return found(**arguments)
            if self._chance.random() < 0.5:
                raise refusal("ProvisionedThroughputExceededException")
            found(**arguments)
            raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

        return call


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "somebody's data"}}, "PutItem")
