"""Publishing: everything arrives, each partition key in order, whatever Kinesis refuses, loses or reshards."""

import random

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from ledger import ion
from ledger.store.dynamodb_calls import Patience
from ledger.stream.description import ErrorCause
from ledger.stream.kinesis import KinesisPublisher
from ledger.stream.records import Record
from ledger.stream.refusals import ImpairedError, NotAcknowledgedError
from tests.store.scripted import Clock
from tests.stream.kinesis import KINESIS_ARN, LOST, MEBIBYTE, Kinesis, says

REFUSED = EndpointConnectionError(endpoint_url="https://kinesis.test")


@pytest.fixture(params=[False, True], ids=["plain", "aggregated"])
def aggregated(request):
    return request.param


def key(number):
    return f"{number:022d}"


def record(number, value, size=0):
    return Record(key(number), ion.dumps({"n": value, "x": "x" * size} if size else {"n": value}))


def publisher_of(kinesis, aggregated, clock=None):
    clock = clock or Clock()
    patience = Patience(lost_seconds=15.0, sleep=clock.sleep, now=clock.now)
    return KinesisPublisher(kinesis, KINESIS_ARN, aggregated=aggregated, patience=patience)


def first_appearances(kinesis):
    """What arrived, by key, each value only where it appeared first; across shards the order is that of arrival."""
    seen = {}
    for each in kinesis.arrived():
        values = seen.setdefault(each.partition_key, [])
        if each.value["n"] not in values:
            values.append(each.value["n"])
    return seen


def test_every_record_arrives_once_and_keys_keep_their_order(aggregated):
    kinesis = Kinesis(shards=3)
    records = [record(number % 7, number) for number in range(700)]
    publisher_of(kinesis, aggregated).publish(records)
    assert len(kinesis.arrived()) == 700
    assert first_appearances(kinesis) == {key(number): list(range(number, 700, 7)) for number in range(7)}


def test_a_plain_call_never_has_two_records_of_one_key_and_keeps_the_order_of_all():
    kinesis = Kinesis()
    numbers = [1, 2, 3, 2, 1, 1, 4]
    publisher_of(kinesis, aggregated=False).publish(record(number, at) for at, number in enumerate(numbers))
    assert kinesis.calls == [[key(1), key(2), key(3)], [key(2), key(1)], [key(1), key(4)]]
    assert [each.value["n"] for each in kinesis.arrived()] == list(range(7))


def test_an_aggregated_call_has_one_record_for_each_shard():
    kinesis = Kinesis(shards=4)
    publisher_of(kinesis, aggregated=True).publish(record(number % 100, number) for number in range(1000))
    [call] = kinesis.calls
    assert len(call) == 4
    assert len({each.shard_id for each in kinesis.arrived()}) == 4


def test_calls_keep_within_the_limits_of_count_and_size(aggregated):
    kinesis = Kinesis(shards=8)  # which checks them
    records = [record(number, number) for number in range(1100)]
    records += [record(2000 + number, number, size=MEBIBYTE - 100) for number in range(7)]
    records += [record(3000 + number, number, size=MEBIBYTE // 3) for number in range(40)]
    publisher_of(kinesis, aggregated).publish(records)
    assert len(kinesis.arrived()) == len(records)
    assert len(kinesis.calls) > 4


def test_a_record_as_large_as_kinesis_takes_goes_by_itself_in_its_place(aggregated):
    kinesis = Kinesis()
    largest = MEBIBYTE - len(key(1)) - len(ion.dumps({"n": 1, "x": "x" * MEBIBYTE})) + MEBIBYTE
    records = [record(1, 0), record(1, 1, size=largest), record(1, 2), record(2, 0)]
    assert len(records[1].data) + len(key(1)) == MEBIBYTE
    publisher_of(kinesis, aggregated).publish(records)
    assert first_appearances(kinesis) == {key(1): [0, 1, 2], key(2): [0]}


def test_nothing_to_publish_calls_nothing(aggregated):
    kinesis = Kinesis()
    publisher_of(kinesis, aggregated).publish([])
    assert kinesis.calls == []


def test_refused_records_are_repeated_alone_before_anything_else_is_sent():
    kinesis = Kinesis(plan=[{1, 2}, {0}])
    publisher_of(kinesis, aggregated=False).publish([record(number, 0) for number in (1, 2, 3, 4)] + [record(2, 1)])
    assert kinesis.calls == [[key(1), key(2), key(3), key(4)], [key(2), key(3)], [key(2)], [key(2)]]
    assert len(kinesis.arrived()) == 5


@pytest.mark.parametrize(
    "fault",
    [
        LOST,
        REFUSED,
        says("ProvisionedThroughputExceededException"),
        says("LimitExceededException"),
        says("KMSThrottlingException"),
        says("ResourceInUseException"),
        says("InternalFailure", status=500),
        says("Unheard", status=503),
    ],
    ids=str,
)
def test_a_call_that_fails_for_now_is_repeated_with_pauses_that_grow(aggregated, fault):
    clock = Clock()
    kinesis = Kinesis(plan=[fault] * 4)
    publisher_of(kinesis, aggregated, clock).publish([record(1, 0), record(2, 0)])
    assert first_appearances(kinesis) == {key(1): [0], key(2): [0]}
    assert len(clock.slept) == 4
    assert all(0 <= pause <= 0.025 * 2**attempt for attempt, pause in enumerate(clock.slept, 1))


def test_fifteen_seconds_without_an_acknowledgement_are_too_many(aggregated):
    kinesis = Kinesis(plan=[{0}] * 100)
    with pytest.raises(NotAcknowledgedError, match=r"acknowledged nothing for 15\.0 seconds: 1 of 1 records"):
        publisher_of(kinesis, aggregated).publish([record(1, 0), record(1, 1)])
    assert kinesis.arrived() == []
    assert 5 < len(kinesis.calls) < 20


def test_slow_progress_is_no_reason_to_give_up(aggregated):
    kinesis = Kinesis(plan=[{0}] * 8 + [None] + [{0}] * 8)
    publisher = publisher_of(kinesis, aggregated)
    publisher.publish([record(1, 0, size=MEBIBYTE - 200), record(1, 1, size=MEBIBYTE - 200)])
    assert first_appearances(kinesis) == {key(1): [0, 1]}


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("ResourceNotFoundException", ErrorCause.KINESIS_STREAM_NOT_FOUND),
        ("AccessDeniedException", ErrorCause.IAM_PERMISSION_REVOKED),
        ("KMSAccessDeniedException", ErrorCause.IAM_PERMISSION_REVOKED),
        ("KMSDisabledException", ErrorCause.IAM_PERMISSION_REVOKED),
    ],
)
def test_what_people_must_put_right_is_raised_at_once_with_its_cause(aggregated, code, cause):
    kinesis = Kinesis(plan=[says(code)])
    with pytest.raises(ImpairedError, match=code) as raised:
        publisher_of(kinesis, aggregated).publish([record(1, 0)])
    assert raised.value.cause is cause
    assert len(kinesis.calls) == 1


def test_a_refusal_that_is_none_of_these_is_raised_as_it_is(aggregated):
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        publisher_of(Kinesis(plan=[says("InvalidArgumentException")]), aggregated).publish([record(1, 0)])


def test_shards_that_cannot_be_listed_impair_the_stream():
    class Forbidden(Kinesis):
        def list_shards(self, **request):
            raise says("AccessDeniedException")

    with pytest.raises(ImpairedError) as raised:
        publisher_of(Forbidden(), aggregated=True).publish([record(1, 0)])
    assert raised.value.cause is ErrorCause.IAM_PERMISSION_REVOKED


class TestResharding:
    def test_a_split_or_a_merge_between_two_calls_drops_nothing_and_keeps_the_order(self, aggregated):
        kinesis = Kinesis(shards=2)
        publisher = publisher_of(kinesis, aggregated)
        records = [record(number % 50, number) for number in range(600)]
        publisher.publish(records[:200])
        kinesis.split(kinesis.open_shards()[0])
        kinesis.split(kinesis.open_shards()[0])
        publisher.publish(records[200:400])
        kinesis.merge(*kinesis.open_shards()[1:3])
        publisher.publish(records[400:])
        assert first_appearances(kinesis) == {key(number): list(range(number, 600, 50)) for number in range(50)}

    def test_records_that_went_to_the_old_shards_are_sent_again_only_to_the_new_ones(self):
        kinesis = Kinesis(shards=1)
        publisher = publisher_of(kinesis, aggregated=True)
        publisher.publish([record(number, 0) for number in range(100)])
        kinesis.split(kinesis.open_shards()[0])
        publisher.publish([record(number, 1) for number in range(100)])
        publisher.publish([record(number, 2) for number in range(100)])
        assert [len(call) for call in kinesis.calls] == [1, 1, 2, 2]
        assert first_appearances(kinesis) == {key(number): [0, 1, 2] for number in range(100)}

    def test_shards_that_never_are_where_they_are_listed_end_in_an_error(self):
        class Lying(Kinesis):
            def _shown(self, shard_id):
                return super()._shown(shard_id) | {"ShardId": "shardId-elsewhere"}

        with pytest.raises(NotAcknowledgedError, match="the shards are not where ListShards says"):
            publisher_of(Lying(), aggregated=True).publish([record(1, 0)])


def reshard(kinesis):
    open_shards = kinesis.open_shards()
    neighbours = sorted(open_shards, key=lambda shard_id: kinesis.shards[shard_id][0])
    if len(open_shards) > 1 and random.random() < 0.5:
        at = random.randrange(len(neighbours) - 1)
        kinesis.merge(*neighbours[at : at + 2])
    else:
        kinesis.split(random.choice(open_shards))


PLANS = st.lists(
    st.one_of(
        st.none(),
        st.sets(st.integers(0, 5)),
        st.sampled_from([LOST, REFUSED, says("ProvisionedThroughputExceededException")]),
        st.just(reshard),
    ),
    max_size=40,
)


@given(
    plan=PLANS,
    batches=st.lists(st.lists(st.integers(0, 9), max_size=30), max_size=5),
    shards=st.integers(1, 4),
    aggregated=st.booleans(),
)
def test_keys_keep_their_order_whatever_befalls_the_calls(plan, batches, shards, aggregated):
    kinesis = Kinesis(shards, plan)
    publisher = publisher_of(kinesis, aggregated)
    expected, count = {}, 0
    for batch in batches:
        records = []
        for number in batch:
            records.append(record(number, count))
            expected.setdefault(key(number), []).append(count)
            count += 1
        while True:
            try:
                publisher.publish(records)
                break
            except NotAcknowledgedError:
                continue  # as the next forwarder does: all of them again
    assert first_appearances(kinesis) == expected
