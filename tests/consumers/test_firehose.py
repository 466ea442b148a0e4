"""Firehose's transformation events and answers, whatever is made of the records."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest

from lambdas.stream import firehose
from lambdas.stream.firehose import Document, Transformation
from ledger import ion
from ledger.stream import Record
from tests.consumers.deliveries import aggregated
from tests.consumers.journals import STREAM_ARN

ARRIVED = datetime(2026, 3, 1, 12, 30, 0, 250_000, UTC)


def event(records):
    return {
        "invocationId": "1",
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/archive",
        "region": "us-east-1",
        "records": [
            {
                "recordId": f"record-{number}",
                "approximateArrivalTimestamp": int(ARRIVED.timestamp() * 1000),
                "data": b64encode(record.data).decode(),
            }
            for number, record in enumerate(records)
        ],
    }


def answers(handler, records):
    """Transform records; give for each its result, its lines and its partition keys."""
    answer = handler(event(records), None)
    assert [each["recordId"] for each in answer["records"]] == [f"record-{number}" for number in range(len(records))]
    assert len(json.dumps(answer)) <= 6 * 1024 * 1024
    return [
        (each["result"], b64decode(each["data"]).decode(), each.get("metadata", {}).get("partitionKeys"))
        for each in answer["records"]
    ]


def numbered(number, size=0):
    payload = {"controlRecordType": "CREATED", "number": number, "filling": "x" * size}
    return Record("k", ion.dumps({"qldbStreamArn": STREAM_ARN, "recordType": "CONTROL", "payload": payload}))


def number_of(record, source):
    """Make a line of even numbers, in the partition of their tens."""
    assert source.arrived == ARRIVED
    number = record.payload["number"]
    line = str(number) + record.payload["filling"]
    return None if number % 2 else Document(line, {"tens": str(number // 10)})


EVEN = Transformation("test", number_of, most_documents=3)
POISON = Record("p", b"no Ion")


def test_records_become_lines_or_are_dropped_under_their_ids():
    assert answers(EVEN, [numbered(4), numbered(5), numbered(16)]) == [
        ("Ok", "4\n", {"tens": "0"}),
        ("Dropped", "", None),
        ("Ok", "16\n", {"tens": "1"}),
    ]


def test_record_that_cannot_be_read_fails_and_the_others_do_not():
    assert answers(EVEN, [POISON, numbered(4), Record("p", b"")]) == [
        ("ProcessingFailed", "", None),
        ("Ok", "4\n", {"tens": "0"}),
        ("ProcessingFailed", "", None),
    ]


@pytest.mark.parametrize(
    ("numbers", "answer"),
    [
        ([2, 3, 4], ("Ok", "2\n4\n", {"tens": "0"})),
        ([1, 3], ("Dropped", "", None)),
        ([2, 14], ("ProcessingFailed", "", None)),
        ([2, 4, 6, 8], ("ProcessingFailed", "", None)),
    ],
)
def test_aggregate_is_lines_of_one_partition_as_far_as_the_destination_takes_them(numbers, answer):
    assert answers(EVEN, [aggregated([numbered(number) for number in numbers])]) == [answer]


def test_aggregate_with_poison_fails_whole_so_that_nothing_of_it_is_lost():
    assert answers(EVEN, [aggregated([numbered(2), POISON])]) == [("ProcessingFailed", "", None)]


def test_what_has_no_room_in_the_answer_fails_and_what_has_room_behind_it_does_not():
    large = [numbered(2, size=1_300_000) for _ in range(5)]
    results = [result for result, _, _ in answers(EVEN, [*large, numbered(4)])]
    assert results == ["Ok", "Ok", "Ok", "ProcessingFailed", "ProcessingFailed", "Ok"]


def test_logs_hold_no_data(monkeypatch):
    logged = []
    for level in ("info", "warning"):
        monkeypatch.setattr(firehose.logger, level, lambda *words, **fields: logged.append((words, fields)))
    answers(EVEN, [Record("p", b"ana@example.com"), numbered(4)])
    assert len(logged) == 2
    assert "ana" not in repr(logged)
