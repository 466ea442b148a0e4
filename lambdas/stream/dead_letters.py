"""The dead-letter queue: records that a consumer can never take, with all that is needed to replay them."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, NamedTuple

from lambdas.stream.errors import ConsumerError
from lambdas.stream.records import BlockSummary, RevisionDetails, StreamRecord

MOST_BYTES = 256 * 1024
"""The longest message: what SQS took for years, and takes everywhere."""


class Delivery(NamedTuple):
    """A record as a consumer gets it. `sub_sequence_number` is its place in an aggregate, None if it came by itself."""

    stream_arn: str
    shard_id: str
    sequence_number: str
    sub_sequence_number: int | None
    partition_key: str
    data: bytes


class DeadLetterQueue:
    """Sends what a consumer cannot take to an SQS queue.

    A message is a JSON object: `consumer`, where the record was in Kinesis (`streamArn`, `shardId`, `sequenceNumber`,
    `subSequenceNumber`, `partitionKey`), `error` and `reason`, as far as they are known `blockAddress`, `documentId`
    and `version`, and `data`, the record in base64. To replay it, put `data` into the stream again under
    `partitionKey`. If `data` does not fit into a message it is null; the record is still in Kinesis for a while, and in
    the journal.
    """

    def __init__(self, client: Any, queue_url: str, consumer: str) -> None:
        """Send through a boto3 SQS client, for the consumer of this name."""
        self._client = client
        self._queue_url = queue_url
        self._consumer = consumer

    def send(self, delivery: Delivery, record: StreamRecord | None, error: Exception) -> None:
        """Send one record; `record` is what it says, if that can be read. Raises what the client raises."""
        message = {
            "consumer": self._consumer,
            "streamArn": delivery.stream_arn,
            "shardId": delivery.shard_id,
            "sequenceNumber": delivery.sequence_number,
            "subSequenceNumber": delivery.sub_sequence_number,
            "partitionKey": delivery.partition_key,
            "error": type(error).__name__,
            "reason": str(error) if isinstance(error, ConsumerError) else None,
            **_position(record),
            "data": b64encode(delivery.data).decode(),
        }
        body = json.dumps(message)
        if len(body) > MOST_BYTES:
            body = json.dumps({**message, "data": None})
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)


def _position(record: StreamRecord | None) -> dict[str, Any]:
    match record:
        case RevisionDetails(revision=revision):
            address, metadata = revision.address, revision.metadata
            return {"blockAddress": address.to_ion(), "documentId": metadata.id, "version": metadata.version}
        case BlockSummary(address=address):
            return {"blockAddress": address.to_ion()}
        case _:
            return {}
