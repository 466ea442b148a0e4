"""What becomes of each record of a batch: taken, buried, or left to be delivered again."""

import json

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ParamValidationError

from lambdas.stream import consumer as consumers
from lambdas.stream.consumer import LEAST_MILLISECONDS, Consumer
from lambdas.stream.dead_letters import MOST_BYTES, DeadLetterQueue
from lambdas.stream.errors import CrossingHeldError, UnusableRevisionError
from lambdas.stream.records import RevisionDetails
from ledger import ion
from ledger.stream import Record
from tests.consumers.deliveries import (
    ARN,
    SHARD,
    Context,
    aggregated,
    deliver,
    delivered,
    event,
    failed_numbers,
    refusal,
)
from tests.consumers.journals import STREAM_ARN

OTHER_SHARD = "shardId-000000000001"
POISON = Record("p", b"no Ion")


class Sink:
    """Takes records, or raises what it is told to for one of them; and a queue, which may be down."""

    def __init__(self) -> None:
        self.taken, self.sent, self.errors, self.down = [], [], {}, None

    def take(self, record) -> None:
        number = record.payload["number"]
        if number in self.errors:
            raise self.errors[number]
        self.taken.append(number)

    def send_message(self, *, QueueUrl, MessageBody):  # noqa: N803 - SQS's names
        if self.down:
            raise self.down
        self.sent.append(json.loads(MessageBody))

    def consumer(self) -> Consumer:
        return Consumer("test", self.take, DeadLetterQueue(self, "http://queue", "test"))


@pytest.fixture
def sink():
    return Sink()


def numbered(number: int) -> Record:
    payload = {"controlRecordType": "CREATED", "number": number}
    return Record("k", ion.dumps({"qldbStreamArn": STREAM_ARN, "recordType": "CONTROL", "payload": payload}))


RECORDS = [numbered(number) for number in range(5)]


def test_batch_is_taken_in_order_and_nothing_is_left(sink):
    assert failed_numbers(sink.consumer()(event(RECORDS), Context())) == []
    assert sink.taken == [0, 1, 2, 3, 4]
    assert sink.sent == []


@pytest.mark.parametrize(
    "error",
    [
        CrossingHeldError(),
        refusal("ProvisionedThroughputExceededException"),
        refusal("AccessDeniedException"),
        refusal("InternalServerError"),
        EndpointConnectionError(endpoint_url="x"),
        ConnectTimeoutError(endpoint_url="x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_record_that_cannot_be_taken_now_is_left_with_all_behind_it(sink, error):
    sink.errors[2] = error
    assert failed_numbers(sink.consumer()(event(RECORDS), Context())) == [2]
    assert sink.taken == [0, 1]
    assert sink.sent == []


@pytest.mark.parametrize(
    "error",
    [
        UnusableRevisionError("x"),
        refusal("ValidationException"),
        ParamValidationError(report="x"),
        KeyError("x"),
        ValueError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_record_that_can_never_be_taken_is_buried_and_the_next_are_taken(sink, error):
    sink.errors[2] = error
    assert failed_numbers(sink.consumer()(event(RECORDS), Context())) == []
    assert sink.taken == [0, 1, 3, 4]
    [message] = sink.sent
    assert message["error"] == type(error).__name__


def test_dead_letter_has_all_that_is_needed_to_replay_it(sink):
    records = [RECORDS[0], POISON, RECORDS[1]]
    assert failed_numbers(sink.consumer()(event(records), Context())) == []
    assert sink.sent == [
        {
            "consumer": "test",
            "streamArn": ARN,
            "shardId": SHARD,
            "sequenceNumber": f"{1:056d}",
            "subSequenceNumber": None,
            "partitionKey": "p",
            "error": "MalformedRecordError",
            "reason": "the record is not readable as one Ion value",
            "data": "bm8gSW9u",
        }
    ]


def test_dead_letter_of_a_revision_says_where_it_is_in_the_journal(kept_journal, queue):
    def refuse(record):
        if isinstance(record, RevisionDetails):
            raise ValueError("somebody's data")

    record = next(each for each in kept_journal[1] if b"createaccount" in each.data)
    Consumer("test", refuse, queue.dead_letters())(event([record]), Context())
    [message] = queue.receive()
    address = kept_journal[0].row(message["documentId"], message["version"])["blockAddress"]
    assert message["blockAddress"] == {"strandId": address["strandId"], "sequenceNo": address["sequenceNo"]}
    assert (message["error"], message["reason"]) == ("ValueError", None)


def test_dead_letter_that_is_too_long_for_a_message_comes_without_its_data(sink):
    sink.consumer()(event([Record("p", bytes(MOST_BYTES))]), Context())
    [message] = sink.sent
    assert message["data"] is None
    assert message["sequenceNumber"] == f"{0:056d}"


def test_poison_stays_in_the_stream_while_the_dead_letter_queue_is_down(sink):
    sink.down = refusal("ServiceUnavailable")
    assert failed_numbers(sink.consumer()(event([RECORDS[0], POISON, RECORDS[1]]), Context())) == [1]
    assert sink.taken == [0]
    sink.down = None
    assert failed_numbers(sink.consumer()(event([POISON, RECORDS[1]], first=1), Context())) == []
    assert [message["sequenceNumber"] for message in sink.sent] == [f"{1:056d}"]


def test_bug_in_burying_leaves_the_record_too(sink):
    sink.down = ZeroDivisionError()
    assert failed_numbers(sink.consumer()(event([POISON, RECORDS[1]]), Context())) == [0]
    assert sink.taken == []


def test_failure_on_one_shard_does_not_hold_up_another(sink):
    sink.errors[1] = CrossingHeldError()
    mixed = {
        "Records": [
            delivered(RECORDS[0], 10),
            delivered(RECORDS[1], 11),
            delivered(RECORDS[2], 20, OTHER_SHARD),
            delivered(RECORDS[3], 12),
            delivered(RECORDS[4], 21, OTHER_SHARD),
        ]
    }
    assert failed_numbers(sink.consumer()(mixed, Context())) == [11]
    assert sink.taken == [0, 2, 4]


def test_aggregate_is_taken_record_by_record_and_left_as_a_whole(sink):
    sink.errors[2] = CrossingHeldError()
    records = [aggregated(RECORDS[:2]), aggregated(RECORDS[2:4]), RECORDS[4]]
    assert failed_numbers(sink.consumer()(event(records), Context())) == [1]
    assert sink.taken == [0, 1]


def test_poison_in_an_aggregate_is_buried_by_itself_and_the_rest_of_it_is_taken(sink):
    together = aggregated([RECORDS[0], POISON, RECORDS[1]])
    assert failed_numbers(sink.consumer()(event([together, RECORDS[2]]), Context())) == []
    assert sink.taken == [0, 1, 2]
    [message] = sink.sent
    assert (message["subSequenceNumber"], message["partitionKey"], message["data"]) == (1, "p", "bm8gSW9u")


def test_damaged_aggregate_is_buried_whole(sink):
    together = aggregated(RECORDS[:2])
    damaged = together._replace(data=together.data[:-1] + bytes((together.data[-1] ^ 1,)))
    assert failed_numbers(sink.consumer()(event([damaged, RECORDS[2]]), Context())) == []
    assert sink.taken == [2]
    assert sink.sent[0]["subSequenceNumber"] is None


def test_batch_stops_before_the_function_is_stopped_and_goes_on_from_there(sink):
    answer = sink.consumer()(event(RECORDS), Context(60_000, LEAST_MILLISECONDS, LEAST_MILLISECONDS - 1))
    assert failed_numbers(answer) == [3]
    assert sink.taken == [0, 1, 2]


def test_batch_gets_on_however_little_time_there_is(sink):
    handler = sink.consumer()
    deliver(lambda batch, _: handler(batch, Context(0)), RECORDS)
    assert sink.taken == [0, 1, 2, 3, 4]


def test_logs_hold_neither_data_nor_the_words_of_errors(sink, monkeypatch):
    logged = []
    for level in ("info", "warning"):
        monkeypatch.setattr(consumers.logger, level, lambda *words, **fields: logged.append((words, fields)))
    sink.errors = {1: ValueError("somebody's data"), 2: refusal("ThrottlingException")}
    sink.consumer()(event([POISON, *RECORDS]), Context())
    assert len(logged) == 4
    assert "somebody's data" not in repr(logged)
    assert [fields["error"] for _, fields in logged[:3]] == [
        "MalformedRecordError",
        "ValueError",
        "ThrottlingException",
    ]
