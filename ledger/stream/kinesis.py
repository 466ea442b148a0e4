"""Publishing records to Kinesis, each acknowledged before the next one of its partition key is sent."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from ledger.store.dynamodb_calls import Patience
from ledger.stream.aggregation import Aggregated, Shard
from ledger.stream.entries import Entry, Packing, Plain
from ledger.stream.records import Record
from ledger.stream.refusals import UNREACHABLE, NotAcknowledgedError, impairment, is_passing

PATIENCE = Patience(lost_seconds=15.0)
"""Pauses of up to a second, with full jitter; 15 seconds without any acknowledgement are too many."""


class KinesisPublisher:
    """Publishes to one Kinesis data stream. Rights: PutRecords and, for aggregated records, ListShards."""

    def __init__(self, client: Any, stream_arn: str, *, aggregated: bool, patience: Patience = PATIENCE) -> None:
        """Publish through a boto3 Kinesis client, which SHOULD not retry by itself; nothing is called yet.

        Args:
            stream_arn: of the Kinesis data stream.
            aggregated: whether to pack records as the Kinesis Producer Library does.
        """
        self._client, self._arn, self._patience = client, stream_arn, patience
        self._packing: Packing = Aggregated(self._list_shards) if aggregated else Plain()

    def publish(self, records: Iterable[Record]) -> None:
        """Send records, none over Kinesis' limit, and return when all are acknowledged.

        Those of one partition key get into Kinesis in the order given. After an error any of them may be in Kinesis,
        but none before an earlier one of its partition key: to send them all again only repeats some.

        Raises:
            ImpairedError: Kinesis takes no record until somebody puts something right.
            NotAcknowledgedError: Kinesis acknowledged nothing for 15 seconds.
            ClientError: Kinesis refuses for another reason.
        """
        pending = deque(records)
        waiting = _Waiting(self._patience)
        while pending:
            astray = self._deliver(self._packing.take(pending), waiting)
            if astray:
                # The stream was resharded. Consumers may drop what is not of their shard, so these records go again,
                # before any later one of their partition keys.
                pending.extendleft(reversed(astray))
                waiting.pause("the shards are not where ListShards says")
                self._packing.learn()

    def _deliver(self, entries: Sequence[Entry], waiting: "_Waiting") -> list[Record]:
        """Have all entries acknowledged; return the records of those that arrived in another shard than was meant."""
        astray: list[Record] = []
        while entries:
            request = [entry.request for entry in entries]
            answer = self._call(partial(self._client.put_records, StreamARN=self._arn, Records=request), waiting)
            results = list(zip(entries, answer["Records"], strict=True))
            arrived = [(entry, result["ShardId"]) for entry, result in results if "SequenceNumber" in result]
            misled = [entry for entry, shard_id in arrived if entry.shard_id not in {None, shard_id}]
            astray += [record for entry in misled for record in entry.records]
            if len(arrived) > len(misled):
                waiting.progress()
            if len(arrived) < len(entries):
                waiting.pause(f"{len(entries) - len(arrived)} of {len(entries)} records of a call were refused")
            entries = [entry for entry, result in results if "SequenceNumber" not in result]
        return astray

    def _list_shards(self) -> list[Shard]:
        shards: list[Shard] = []
        waiting, request = _Waiting(self._patience), {"StreamARN": self._arn}
        while request:
            answer = self._call(partial(self._client.list_shards, **request), waiting)
            shards += [_shard(shown) for shown in answer["Shards"] if _is_open(shown)]
            request = {"NextToken": answer["NextToken"]} if "NextToken" in answer else {}
        return shards

    def _call(self, call: Callable[[], Any], waiting: "_Waiting") -> Any:
        while True:
            try:
                return call()
            except UNREACHABLE as error:
                why = str(error)
            except ClientError as error:
                impaired = impairment(error)
                if impaired:
                    raise impaired from error
                if not is_passing(error):
                    raise
                why = str(error)
            waiting.pause(why)


def _is_open(shown: Mapping[str, Any]) -> bool:
    return "EndingSequenceNumber" not in shown["SequenceNumberRange"]


def _shard(shown: Mapping[str, Any]) -> Shard:
    return Shard(shown["ShardId"], int(shown["HashKeyRange"]["StartingHashKey"]))


class _Waiting:
    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.progress()

    def progress(self) -> None:
        self._since, self._attempts = self._patience.now(), 0

    def pause(self, why: str) -> None:
        if self._patience.now() - self._since > self._patience.lost_seconds:
            raise NotAcknowledgedError(f"Kinesis acknowledged nothing for {self._patience.lost_seconds} seconds: {why}")
        self._attempts += 1
        self._patience.pause(self._attempts)
