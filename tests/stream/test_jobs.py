"""Streams as jobs: started, described, listed, canceled, forgotten; found again by name."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from ledger import clock as clocks
from ledger import stream
from ledger.errors import InvalidParameterException
from ledger.store.base import Conflict
from ledger.stream import (
    StreamEndedError,
    StreamNotFoundError,
    StreamRequest,
    TooManyStreamsError,
    cancel_stream,
    describe_stream,
    ensure_stream,
    list_streams,
)
from ledger.stream.description import ErrorCause, Status
from ledger.stream.job import Job, Lease, end_job, load_job, save_job
from tests.store.faults import Fault, FaultyStore
from tests.stream.kinesis import KINESIS_ARN, Kinesis, says

LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
ARN_PREFIX = "arn:aws:qldb:us-east-1:000000000000"


class Clock:
    def __init__(self):
        self.ahead = timedelta(0)

    def __call__(self):
        return clocks.now() + self.ahead


@pytest.fixture
def clock():
    return Clock()


def request_of(name="s", **changes):
    return StreamRequest(name=name, start=LONG_AGO, kinesis_arn=KINESIS_ARN)._replace(**changes)


def start(client, name="s", kinesis=None, store=None, **changes):
    known = client.ledger.settings
    asked = request_of(name, **changes)
    return stream.start_stream(store or client.ledger.store, known, asked, kinesis or Kinesis(), arn_prefix=ARN_PREFIX)


def ensure(client, name="s", store=None, **changes):
    asked = request_of(name, **changes)
    return ensure_stream(store or client.ledger.store, client.ledger.settings, asked, arn_prefix=ARN_PREFIX)


def test_a_stream_is_described_by_the_names_of_the_api(client):
    end = datetime(2099, 1, 1, tzinfo=UTC)
    job = start(client, end=end, role_arn="arn:aws:iam::000000000000:role/r", aggregated=False)
    assert describe_stream(client.ledger.store, job.stream_id).to_api() == {
        "LedgerName": "demo",
        "CreationTime": job.created,
        "InclusiveStartTime": client.ledger.settings.created,
        "ExclusiveEndTime": end,
        "RoleArn": "arn:aws:iam::000000000000:role/r",
        "StreamId": job.stream_id,
        "Arn": f"{ARN_PREFIX}:stream/demo/{job.stream_id}",
        "Status": "ACTIVE",
        "KinesisConfiguration": {"StreamArn": KINESIS_ARN, "AggregationEnabled": False},
        "StreamName": "s",
    }


def test_an_impaired_stream_shows_its_cause_and_a_stream_without_end_shows_none(client):
    job, version = load_job(client.ledger.store, start(client).stream_id)
    impaired = job.description._replace(status=Status.IMPAIRED, error_cause=ErrorCause.IAM_PERMISSION_REVOKED)
    save_job(client.ledger.store, job._replace(description=impaired), version)
    shown = describe_stream(client.ledger.store, impaired.stream_id).to_api()
    assert (shown["Status"], shown["ErrorCause"]) == ("IMPAIRED", "IAM_PERMISSION_REVOKED")
    assert "ExclusiveEndTime" not in shown


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": ""}, "StreamName is empty"),
        ({"start": datetime(2019, 1, 1)}, "need a time zone"),  # noqa: DTZ001
        ({"end": datetime(2099, 1, 1)}, "need a time zone"),  # noqa: DTZ001
        ({"start": datetime(2099, 1, 1, tzinfo=UTC)}, "the start time cannot be in the future"),
        ({"end": LONG_AGO}, "the start time must be before the end time"),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_refused_and_leaves_no_job(client, changes, complaint):
    kinesis = Kinesis()
    with pytest.raises(InvalidParameterException, match=complaint):
        start(client, **{"name": "s", "kinesis": kinesis} | changes)
    assert list_streams(client.ledger.store) == []


def test_a_kinesis_stream_that_is_not_there_is_refused_in_the_words_of_qldb(client):
    class Gone(Kinesis):
        def list_shards(self, **request):
            raise says("ResourceNotFoundException")

    said = "Response from Kinesis: ResourceNotFoundException ResourceNotFoundException happened"
    with pytest.raises(InvalidParameterException, match=f"error validating Kinesis Data Streams: {said}"):
        start(client, kinesis=Gone())
    assert list_streams(client.ledger.store) == []


def test_times_are_cut_so_that_the_same_blocks_are_on_either_side(client):
    odd = datetime(2098, 1, 1, 0, 0, 0, 1500, UTC)
    request = start(client, end=odd).request
    assert request.end == datetime(2098, 1, 1, 0, 0, 0, 2000, UTC)
    assert request.start == client.ledger.settings.created


def test_a_name_is_unique_among_live_streams_and_free_again_after_the_end(client):
    first = start(client)
    with pytest.raises(InvalidParameterException, match=f"stream {first.stream_id} of this ledger has the name 's'"):
        start(client)
    cancel_stream(client.ledger.store, first.stream_id)
    assert start(client).stream_id != first.stream_id


def test_a_sixth_live_stream_is_refused_until_one_has_ended(client):
    streams = [start(client, name=f"s{number}") for number in range(5)]
    with pytest.raises(TooManyStreamsError, match="5 streams of this ledger are live"):
        start(client, name="s5")
    cancel_stream(client.ledger.store, streams[2].stream_id)
    start(client, name="s5")
    with pytest.raises(TooManyStreamsError):
        ensure(client, name="s6")


def test_streams_started_at_once_never_exceed_the_limit_nor_share_a_name(client):
    names = ["a", "a", "b", "c", "d", "e", "f", "g"]
    started, refused = [], []

    def one(name):
        try:
            started.append(start(client, name=name).request.name)
        except (InvalidParameterException, TooManyStreamsError):
            refused.append(name)

    threads = [threading.Thread(target=one, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 5
    assert len(set(started)) == 5
    assert sorted(each.request.name for each in list_streams(client.ledger.store)) == sorted(started)


def test_a_canceled_stream_cannot_be_canceled_again(client):
    job = start(client)
    assert cancel_stream(client.ledger.store, job.stream_id).status is Status.CANCELED
    with pytest.raises(StreamEndedError, match=f"stream {job.stream_id} is CANCELED") as raised:
        cancel_stream(client.ledger.store, job.stream_id)
    assert (raised.value.status, raised.value.wire_name) == (412, "ResourcePreconditionNotMetException")


def test_an_unknown_stream_is_not_found(client):
    for act in (describe_stream, cancel_stream):
        with pytest.raises(StreamNotFoundError, match="no stream 'nope' of this ledger"):
            act(client.ledger.store, "nope")


def test_an_ended_stream_vanishes_after_seven_days_and_a_live_one_never(client, clock):
    ended, live = start(client, name="ended"), start(client, name="live")
    cancel_stream(client.ledger.store, ended.stream_id)
    store = client.ledger.store
    clock.ahead = timedelta(days=6, hours=23)
    assert describe_stream(store, ended.stream_id, now=clock).status is Status.CANCELED
    clock.ahead = timedelta(days=7, seconds=1)
    assert [each.stream_id for each in list_streams(store, now=clock)] == [live.stream_id]
    for act in (describe_stream, cancel_stream):
        with pytest.raises(StreamNotFoundError):
            act(store, ended.stream_id, now=clock)


def test_streams_are_listed_oldest_first(client):
    names = ["z", "a", "m"]
    for name in names:
        start(client, name=name)
    listed = list_streams(client.ledger.store)
    assert listed == sorted(listed, key=lambda each: (each.created, each.stream_id))
    assert {each.request.name for each in listed} == set(names)


def test_a_job_read_back_is_the_job_that_was_written(client):
    job, _ = load_job(client.ledger.store, start(client, end=datetime(2099, 1, 1, tzinfo=UTC)).stream_id)
    full = job._replace(
        description=job.description._replace(
            status=Status.IMPAIRED, error_cause=ErrorCause.KINESIS_STREAM_NOT_FOUND, ended=clocks.now()
        ),
        cursor={"S" * 22: 7},
        lease=Lease("holder", clocks.now()),
    )
    assert Job.from_cell(job.to_cell()) == job
    assert Job.from_cell(full.to_cell()) == full


@pytest.mark.parametrize(
    "plan", [[Fault.LOST_AFTER, Fault.LOST_AFTER], [Fault.CONFLICT, None, Fault.CONFLICT]], ids=str
)
def test_a_start_and_a_cancel_take_place_once_despite_faults(client, plan):
    store = FaultyStore(client.ledger.store, plan)
    job = start(client, store=store)
    assert cancel_stream(store, job.stream_id).status is Status.CANCELED
    assert [each.status for each in list_streams(store)] == [Status.CANCELED]
    assert store.injected == [fault for fault in plan if fault]


class TestEnsure:
    def test_the_stream_of_a_name_is_started_once(self, client):
        first = ensure(client)
        assert ensure(client) == first
        assert ensure(client, name="other").stream_id != first.stream_id
        assert len(list_streams(client.ledger.store)) == 2

    def test_forwarders_that_begin_at_once_find_one_stream(self, client):
        found = []
        threads = [threading.Thread(target=lambda: found.append(ensure(client).stream_id)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 6
        assert len(set(found)) == 1

    def test_new_settings_are_taken_over_but_for_the_start(self, client):
        first = ensure(client)
        end, elsewhere = datetime(2099, 1, 1, tzinfo=UTC), KINESIS_ARN + "-2"
        changed = ensure(client, start=first.created, end=end, kinesis_arn=elsewhere, aggregated=False)
        assert changed == first._replace(
            request=first.request._replace(end=end, kinesis_arn=elsewhere, aggregated=False)
        )
        assert describe_stream(client.ledger.store, first.stream_id) == changed

    def test_a_stream_that_has_ended_is_not_begun_anew_however_long_ago(self, client):
        first = ensure(client)
        cancel_stream(client.ledger.store, first.stream_id)
        again = ensure(client, kinesis_arn=KINESIS_ARN + "-2")
        assert (again.stream_id, again.status) == (first.stream_id, Status.CANCELED)
        job, version = load_job(client.ledger.store, first.stream_id)
        long_ago = job.description._replace(ended=clocks.now() - timedelta(days=700))
        save_job(client.ledger.store, job._replace(description=long_ago), version)
        assert ensure(client).stream_id == first.stream_id

    def test_a_bad_request_is_refused(self, client):
        with pytest.raises(InvalidParameterException, match="cannot be in the future"):
            ensure(client, start=datetime(2099, 1, 1, tzinfo=UTC))


def test_an_end_against_a_changed_job_leaves_the_list_of_live_streams_alone(client):
    job, version = load_job(client.ledger.store, start(client).stream_id)
    save_job(client.ledger.store, job._replace(cursor={"x": 1}), version)
    with pytest.raises(Conflict):
        end_job(client.ledger.store, job, version, Status.COMPLETED, clocks.now())
    with pytest.raises(InvalidParameterException, match="has the name 's'"):
        start(client)
