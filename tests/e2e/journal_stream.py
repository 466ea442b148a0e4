"""The deployed journal stream, read as a consumer reads it, and the deployed ledger beside it."""

import time
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, NamedTuple

import boto3

from ledger import ion, settings
from ledger.journal.cell import StoredBlock, read_block
from ledger.journal.revision import Revision
from ledger.store import DynamoDBStore
from tests.blocks import block_cells
from tests.deployment import Deployed

LEDGER = "captable1"
PATIENCE_SECONDS = 300
"""More than a minute: after that the schedule wakes a forwarder that the changes of the table did not."""


class Arrival(NamedTuple):
    """A record of the stream. `arrived` is when Kinesis took it, in seconds."""

    partition_key: str
    arrived: float
    kind: str
    payload: Any


class Consumer:
    """Reads every record of the deployed Kinesis stream, from its beginning on."""

    def __init__(self, deployed: Deployed) -> None:
        self._kinesis = boto3.client("kinesis", **deployed.cloud.client_options())
        self._arn = deployed.outputs["captable1-stream"]["KinesisStreamArn"]
        shards = self._kinesis.list_shards(StreamARN=self._arn)["Shards"]
        self._places: dict[str, Any] = {shard["ShardId"]: {"ShardIteratorType": "TRIM_HORIZON"} for shard in shards}
        self.seen: list[Arrival] = []

    def read(self) -> None:
        """Take what has come since the last time."""
        for shard_id in self._places:
            self._read_shard(shard_id)

    def _read_shard(self, shard_id: str) -> None:
        # An iterator that is kept expires after five minutes.
        place = self._places[shard_id]
        iterator = self._kinesis.get_shard_iterator(StreamARN=self._arn, ShardId=shard_id, **place)["ShardIterator"]
        while records := (answer := self._kinesis.get_records(ShardIterator=iterator))["Records"]:
            iterator = answer["NextShardIterator"]
            self.seen += map(_arrival, records)
            last = records[-1]["SequenceNumber"]
            self._places[shard_id] = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": last}

    def blocks(self) -> dict[tuple[str, int], Arrival]:
        """Give the first arrival of each block's summary, by strand and sequence number."""
        found: dict[tuple[str, int], Arrival] = {}
        for arrival in self.seen:
            if arrival.kind == "BLOCK_SUMMARY":
                address = arrival.payload["blockAddress"]
                found.setdefault((str(address["strandId"]), int(address["sequenceNo"])), arrival)
        return found

    def revisions(self) -> dict[tuple[str, int], Arrival]:
        """Give the last arrival of each revision's details, by document and version."""
        found = {}
        for arrival in self.seen:
            if arrival.kind == "REVISION_DETAILS":
                metadata = arrival.payload["revision"]["metadata"]
                found[str(metadata["id"]), int(metadata["version"])] = arrival
        return found

    def wait_for(self, addresses: Set[tuple[str, int]], *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Read until the summaries of all these blocks have arrived; the details of their revisions may still come."""
        self._wait_for(addresses, self.blocks, "blocks", patience_seconds)

    def wait_for_revisions(self, keys: Set[tuple[str, int]]) -> None:
        """Read until the details of all these revisions have arrived."""
        self._wait_for(keys, self.revisions, "revisions", PATIENCE_SECONDS)

    def _wait_for(
        self,
        keys: Set[tuple[str, int]],
        seen: Callable[[], dict[tuple[str, int], Arrival]],
        what: str,
        patience_seconds: float,
    ) -> None:
        def arrived() -> bool:
            self.read()
            return keys <= seen().keys()

        wait_until(
            arrived,
            lambda: f"{len(keys - seen().keys())} of {len(keys)} {what} did not arrive",
            patience_seconds=patience_seconds,
        )


def _arrival(record: Any) -> Arrival:
    value = ion.loads(record["Data"])
    arrived = record["ApproximateArrivalTimestamp"].timestamp()
    return Arrival(record["PartitionKey"], arrived, str(value["recordType"]), value["payload"])


def wait_until(
    holds: Callable[[], bool], otherwise: Callable[[], str], *, patience_seconds: float = PATIENCE_SECONDS
) -> None:
    """Ask again and again; fail with what `otherwise` says when it has taken too long."""
    deadline = time.monotonic() + patience_seconds
    while not holds():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)


def store_of(deployed: Deployed) -> DynamoDBStore:
    """Give the store of the deployed ledger."""
    table = deployed.outputs["captable1-ledger"]["LedgerTableName"]
    client = boto3.client("dynamodb", **deployed.cloud.client_options())
    return DynamoDBStore(table, namespace=LEDGER, client=client)


def journal_of(deployed: Deployed) -> dict[tuple[str, int], StoredBlock]:
    """Read all blocks of the deployed ledger, by strand and sequence number."""
    return {tuple(block.block.address): block for block in _blocks(store_of(deployed))}


def _blocks(store: DynamoDBStore) -> Iterator[StoredBlock]:
    for strand_id in settings.load(store, LEDGER).strands:
        yield from map(read_block, block_cells(store, strand_id))


def wallet_revisions(journal: Mapping[tuple[str, int], StoredBlock]) -> dict[tuple[str, int], tuple[Revision, Any]]:
    """Give the revisions of all wallets and their data, by document and version."""
    return {
        (revision.metadata.id, revision.metadata.version): (revision, ion.loads(revision.data))
        for stored in journal.values()
        for revision in stored.block.revisions
        if revision.table_id and stored.block.documents[revision.metadata.id].table_name == "wallettable"
    }


def view_of(dynamodb: Any, table: str) -> dict[tuple[str, int], Mapping[str, Any]]:
    """Give the items of the view of the wallets' transactions, by document and version."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = (item for page in pages for item in page["Items"])
    return {(item["wallet"]["S"], int(item["version"]["N"])): item for item in items}
