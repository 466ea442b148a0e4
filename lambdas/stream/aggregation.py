"""Records that a producer has put into one Kinesis record, in the format of the Kinesis Producer Library.

The format is a magic number, a protobuf message and its MD5 ("KPL Aggregated Record Format"). The messages are those of
`aws_kinesis_agg`; its own de-aggregator is not used, since it leaves out what it cannot split and prints its data.
"""

from __future__ import annotations

import hashlib

from aws_kinesis_agg import DIGEST_SIZE, MAGIC
from aws_kinesis_agg.deaggregator import messages_pb2  # which only this module makes importable
from google.protobuf.message import DecodeError


def user_records(data: bytes) -> list[tuple[str, bytes]] | None:
    """Return the (partition key, data) of each record in an aggregate, in order; None if `data` is none, or damaged."""
    if not data.startswith(MAGIC) or len(data) <= len(MAGIC) + DIGEST_SIZE:
        return None
    message, digest = data[len(MAGIC) : -DIGEST_SIZE], data[-DIGEST_SIZE:]
    if hashlib.md5(message, usedforsecurity=False).digest() != digest:
        return None
    aggregate = messages_pb2.AggregatedRecord()
    try:
        aggregate.ParseFromString(message)
        keys = aggregate.partition_key_table
        return [(keys[record.partition_key_index], bytes(record.data)) for record in aggregate.records]
    except (DecodeError, IndexError):
        return None
