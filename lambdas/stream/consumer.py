"""Taking batches from a Kinesis stream: what is poison, what is to be delivered again, and in which order."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from lambdas.stream.aggregation import user_records
from lambdas.stream.dead_letters import DeadLetterQueue, Delivery
from lambdas.stream.errors import TransientError
from lambdas.stream.records import StreamRecord, decode

logger = Logger()

LEAST_MILLISECONDS = 20_000
"""With less time left than this, no further record is begun: the longest aggregate takes most of it."""


class Consumer:
    """A Lambda handler of Kinesis events, which takes the records of each shard one by one, in order.

    A record that AWS does not let it take now ends the shard's batch: Lambda delivers it again, with all behind it
    ("partial batch response"; the event source mapping MUST have ReportBatchItemFailures). What fails in any other way
    would fail again: it goes to the dead-letter queue, and the next record is taken. So records may come twice, and
    `take` MUST bear that; none is left out.
    """

    def __init__(self, name: str, take: Callable[[StreamRecord], None], dead_letters: DeadLetterQueue) -> None:
        """Take each record with `take`, which skips those that it does not need."""
        self._name = name
        self._take = take
        self._dead_letters = dead_letters

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Take a batch, and answer from which record on each shard is to be delivered again."""
        failed: dict[str, str] = {}
        for number, record in enumerate(event["Records"]):
            shard_id = _shard_id(record)
            in_time = number == 0 or context.get_remaining_time_in_millis() >= LEAST_MILLISECONDS
            if shard_id not in failed and not (in_time and self._is_taken(record)):
                failed[shard_id] = record["kinesis"]["sequenceNumber"]
        logger.info("batch taken", consumer=self._name, records=len(event["Records"]), failed_shards=len(failed))
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed.values()]}

    def _is_taken(self, record: Mapping[str, Any]) -> bool:
        try:
            for delivery in _deliveries(record):
                self._take_or_bury(delivery)
        except Exception as error:
            self._log("record to be delivered again", record["kinesis"]["sequenceNumber"], _shard_id(record), error)
            return False
        return True

    def _take_or_bury(self, delivery: Delivery) -> None:
        record = None
        try:
            record = decode(delivery.data)
            self._take(record)
        except Exception as error:
            if _is_transient(error):
                raise
            # What is acknowledged from here on is in the queue: if sending fails, the record is delivered again.
            self._dead_letters.send(delivery, record, error)
            self._log("record sent to the dead-letter queue", delivery.sequence_number, delivery.shard_id, error)

    def _log(self, message: str, sequence_number: str, shard_id: str, error: Exception) -> None:
        name = _code(error) or type(error).__name__
        logger.warning(message, consumer=self._name, error=name, sequence_number=sequence_number, shard_id=shard_id)


def _deliveries(record: Mapping[str, Any]) -> Iterator[Delivery]:
    """Give what the producer put into a record. An aggregate that cannot be split comes whole, and is no Ion then."""
    kinesis = record["kinesis"]
    data = b64decode(kinesis["data"])
    place = record["eventSourceARN"], _shard_id(record), kinesis["sequenceNumber"]
    parts = user_records(data)
    if parts is None:
        yield Delivery(*place, None, kinesis["partitionKey"], data)
        return
    for number, (partition_key, part) in enumerate(parts):
        yield Delivery(*place, number, partition_key, part)


def _shard_id(record: Mapping[str, Any]) -> str:
    return str(record["eventID"].partition(":")[0])


def _is_transient(error: Exception) -> bool:
    """Tell whether another try can succeed. AWS refuses invalid values for good, and the rest for a while."""
    if isinstance(error, ClientError):
        return _code(error) != "ValidationException"
    return isinstance(error, TransientError | BotoCoreError) and not isinstance(error, ParamValidationError)


def _code(error: Exception) -> str | None:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else None
