"""Splitting the aggregates of the Kinesis Producer Library, and leaving alone what is none."""

import hashlib

import pytest
from aws_kinesis_agg import MAGIC
from aws_kinesis_agg.deaggregator import messages_pb2
from hypothesis import given
from hypothesis import strategies as st

from lambdas.stream.aggregation import user_records
from ledger.stream import Record
from tests.consumers.deliveries import aggregated

SOME = [Record("one", b"1"), Record("two", b""), Record("one", b"\xff" * 100)]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=40)), min_size=1, max_size=20))
def test_aggregate_is_split_into_its_records_in_their_order(records):
    assert user_records(aggregated([Record(*each) for each in records]).data) == records


@given(st.binary(max_size=60))
def test_what_is_no_aggregate_is_not_split(data):
    assert user_records(data) is None
    assert user_records(MAGIC + data) is None


@pytest.mark.parametrize("at", [0, 4, 10, -1])
def test_damaged_aggregate_is_not_split(at):
    data = bytearray(aggregated(SOME).data)
    data[at] ^= 1
    assert user_records(bytes(data)) is None


def sealed(message: bytes) -> bytes:
    return MAGIC + message + hashlib.md5(message).digest()


def test_aggregate_that_names_a_partition_key_which_it_does_not_have_is_not_split():
    aggregate = messages_pb2.AggregatedRecord(partition_key_table=["one"])
    for index in (0, 1):
        aggregate.records.add(partition_key_index=index, data=b"x")
    assert user_records(sealed(aggregate.SerializeToString())) is None


@pytest.mark.parametrize("message", [b"\xff" * 20, b"\x1a\x02\x08\x00"])
def test_sealed_bytes_that_are_no_message_are_not_split(message):
    assert user_records(sealed(message)) is None
