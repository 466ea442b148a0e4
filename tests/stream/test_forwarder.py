"""Forwarding: the whole journal, in order, once if nothing goes wrong, and never less."""

import logging
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from ledger.record import pack, unpack
from ledger.store import SQLiteStore
from ledger.store.base import Corrupt, Unavailable
from ledger.strand import SETTLING, block_key
from ledger.stream import StreamNotFoundError, cancel_stream, chunks
from ledger.stream.description import ErrorCause, Status
from ledger.stream.forwarder import Forwarded, forward
from ledger.stream.job import Lease, load_job, save_job
from ledger.stream.refusals import ImpairedError, NotAcknowledgedError
from tests.store.faults import FaultyStore
from tests.stream.forwarding import MINUTE, Streamed, check_stream, payloads
from tests.stream.journals import Journal, block_address
from tests.stream.kinesis import Kinesis, says
from tests.stream.test_kinesis import REFUSED, reshard


@pytest.fixture(params=[1, 4], ids=lambda strands: f"{strands}-strands")
def journal(request):
    store = SQLiteStore(":memory:")
    journal = Journal(store, request.param)
    for number in range(20):
        journal.commit(number % request.param, [number % 3, 3 + number % 2])
    yield journal
    store.close()


@pytest.fixture(params=[False, True], ids=["plain", "aggregated"])
def streamed(request, journal):
    return Streamed(journal, aggregated=request.param)


@pytest.fixture
def plain(journal):
    return Streamed(journal)


class Meddling(FaultyStore):
    """Lets the test do something just before the n-th commit."""

    def __init__(self, store, at, act):
        super().__init__(store)
        self.at, self.act = at, act

    def commit(self, writes, expected):
        self.at -= 1
        if self.at == 0:
            self.act()
        super().commit(writes, expected)


def test_the_whole_journal_is_published_once_after_the_record_of_its_beginning(streamed, journal):
    done = streamed.run()
    blocks = journal.blocks()
    check_stream(streamed.kinesis, blocks)
    revisions = sum(len(stored.block.revisions) for stored in blocks)
    assert len(streamed.kinesis.arrived()) == 1 + len(blocks) + revisions
    assert done[:3] == (len(blocks), len(blocks) + revisions, True)
    assert streamed.status is Status.ACTIVE


def test_a_second_run_publishes_only_what_is_new_and_nothing_if_there_is_nothing(streamed, journal):
    streamed.run()
    before = len(streamed.kinesis.calls)
    writes = journal.store.writes
    assert streamed.run() == Forwarded(caught_up=True)
    assert len(streamed.kinesis.calls) == before
    assert journal.store.writes == writes
    journal.commit(0, [1])
    journal.commit(len(journal.strands) - 1, [1])
    assert streamed.run().blocks == 2
    check_stream(streamed.kinesis, journal.blocks())


def test_the_lag_is_the_age_of_the_oldest_block_when_it_has_arrived(plain, journal):
    plain.run()
    plain.now = journal.commit(0, at=plain.now) and plain.now + timedelta(seconds=3)
    assert plain.run().lag == timedelta(seconds=3)
    assert plain.run().lag is None


def test_a_stream_that_is_not_there_is_not_found(journal, plain):
    with pytest.raises(StreamNotFoundError, match="no stream 'nope'"):
        forward(journal.store, journal.settings, "nope", None, until=plain.now)


class TestLease:
    def hold(self, streamed, seconds):
        job, version = load_job(streamed.store, streamed.started.stream_id)
        lease = Lease("somebody", streamed.now + timedelta(seconds=seconds))
        save_job(streamed.store, job._replace(lease=lease), version)

    def test_a_forwarder_that_meets_a_lease_returns_at_once(self, plain):
        self.hold(plain, seconds=1)
        assert plain.run() == Forwarded(caught_up=False)
        assert plain.kinesis.calls == []

    def test_the_lease_of_a_killed_forwarder_runs_out(self, plain, journal):
        self.hold(plain, seconds=0)
        assert plain.run().caught_up
        check_stream(plain.kinesis, journal.blocks())

    def test_the_lease_is_held_for_half_a_minute_and_let_go_of(self, plain, journal):
        def look(_):
            held.append(plain.job().lease)

        held = []
        plain.kinesis.plan = iter([look] * 99)
        plain.run()
        assert {lease.until - plain.now for lease in held} == {timedelta(seconds=30)}
        assert plain.job().lease is None

    def test_a_wake_up_that_met_the_lease_after_the_last_look_is_not_lost(self, plain, journal):
        plain.run()

        def commit_and_wake():
            journal.commit(0, [1])
            refused.append(plain.run())

        refused = []
        journal.commit(0, [1])
        store = Meddling(journal.store, at=2, act=commit_and_wake)  # the first commit takes the lease, this lets it go
        assert plain.run(store=store).blocks == 2
        assert refused == [Forwarded(caught_up=False)]
        check_stream(plain.kinesis, journal.blocks())

    def test_two_forwarders_without_regard_for_the_lease_keep_the_order_and_lose_nothing(self, streamed, journal):
        def usurp(_):
            streamed.now += MINUTE
            streamed.run(minutes=999)

        streamed.kinesis.plan = iter([None, usurp, None, usurp, usurp])
        streamed.run(minutes=999)
        check_stream(streamed.kinesis, journal.blocks())
        assert streamed.run() == Forwarded(caught_up=True)


class TestCheckpoint:
    def test_it_moves_about_once_a_second_however_many_chunks_there_are(self, plain, journal, monkeypatch):
        def pass_time(_):
            plain.now += timedelta(milliseconds=300)

        monkeypatch.setattr(chunks, "MOST_BLOCKS", 1)
        plain.run()
        for _ in range(20):
            journal.commit(0, [1])
        plain.kinesis.plan = iter([pass_time] * 20)
        before = journal.store.writes
        assert plain.run().blocks == 20
        assert journal.store.writes - before == 1 + 20 // 4 + 1  # the lease, every 4 chunks, and letting go

    def test_time_that_is_up_ends_the_run_behind_what_was_sent(self, plain, journal, monkeypatch):
        def pass_time(_):
            plain.now += MINUTE

        monkeypatch.setattr(chunks, "MOST_BLOCKS", 2)
        plain.kinesis.plan = iter([None, pass_time, pass_time, pass_time])
        done = plain.run(minutes=1)
        assert 0 < done.blocks < 10
        assert not done.caught_up
        assert plain.job().lease is None
        assert plain.run().caught_up
        check_stream(plain.kinesis, journal.blocks())
        assert len(payloads(plain.kinesis, "BLOCK_SUMMARY")) == len(journal.blocks())

    def test_no_time_at_all_does_nothing(self, plain):
        assert plain.run(minutes=0) == Forwarded(caught_up=False)
        assert plain.kinesis.calls == []

    def test_what_was_published_before_a_failure_is_not_repeated(self, plain, journal, monkeypatch):
        monkeypatch.setattr(chunks, "MOST_BLOCKS", 1)
        plain.kinesis.plan = iter([None] * 8 + [says("InvalidArgumentException")])
        with pytest.raises(ClientError):
            plain.run()
        assert plain.job().lease is None
        plain.run()
        arrived = [str(each.value) for each in plain.kinesis.arrived()]
        assert len(arrived) == len(set(arrived))
        check_stream(plain.kinesis, journal.blocks())


class TestStatus:
    @pytest.mark.parametrize("calls_before", [0, 1])
    def test_a_stream_that_kinesis_refuses_is_impaired_until_it_works_again(self, streamed, journal, calls_before):
        streamed.kinesis.plan = iter([None] * calls_before + [says("AccessDeniedException")])
        with pytest.raises(ImpairedError):
            streamed.run()
        description = streamed.job().description
        assert (description.status, description.error_cause) == (Status.IMPAIRED, ErrorCause.IAM_PERMISSION_REVOKED)
        journal.commit(0, [1])
        streamed.run()
        description = streamed.job().description
        assert (description.status, description.error_cause) == (Status.ACTIVE, None)
        check_stream(streamed.kinesis, journal.blocks())

    def test_a_kinesis_stream_that_is_gone_is_waited_for(self, plain, journal):
        plain.kinesis.plan = iter([says("ResourceNotFoundException")] * 3)
        for _ in range(3):
            with pytest.raises(ImpairedError):
                plain.run()
            assert plain.job().description.error_cause is ErrorCause.KINESIS_STREAM_NOT_FOUND
        plain.run()
        check_stream(plain.kinesis, journal.blocks())

    def test_a_kinesis_that_is_only_busy_impairs_nothing(self, plain):
        plain.kinesis.plan = iter([{0}] * 99)
        with pytest.raises(NotAcknowledgedError):
            plain.run()
        assert plain.status is Status.ACTIVE
        assert plain.job().lease is None

    def test_a_stream_that_is_canceled_meanwhile_stops_and_stays_canceled(self, plain, journal, monkeypatch):
        def cancel(_):
            cancel_stream(journal.store, plain.started.stream_id, now=plain.clock)

        monkeypatch.setattr(chunks, "MOST_BLOCKS", 1)
        plain.kinesis.plan = iter([None, None, cancel])
        assert plain.run().caught_up
        calls = len(plain.kinesis.calls)
        assert plain.status is Status.CANCELED
        assert plain.run() == Forwarded(caught_up=True)
        assert len(plain.kinesis.calls) == calls
        assert payloads(plain.kinesis, "CONTROL") == [{"controlRecordType": "CREATED"}]

    def test_settings_that_change_meanwhile_are_kept_and_the_run_goes_on(self, journal, plain):
        end = plain.now + timedelta(days=1)

        def set_anew(_):
            Streamed(journal, end=end)

        plain.kinesis.plan = iter([None, set_anew])
        assert plain.run().caught_up
        assert plain.job().description.request.end == end
        check_stream(plain.kinesis, journal.blocks())


class TestTimes:
    def test_only_blocks_from_the_start_on_are_published(self, journal):
        blocks = journal.blocks()
        start = sorted(stored.block.timestamp for stored in blocks)[len(blocks) // 2]
        streamed = Streamed(journal, start=start)
        streamed.run()
        check_stream(streamed.kinesis, [stored for stored in blocks if stored.block.timestamp >= start])

    def test_a_block_from_before_the_start_that_is_committed_later_is_not_published(self, journal):
        streamed = Streamed(journal, start=journal.now + MINUTE)
        streamed.run()
        late = journal.commit(0, [7], at=journal.now + timedelta(seconds=1))
        first = journal.commit(0, [7], at=journal.now + MINUTE)
        streamed.run()
        addresses = [payload["blockAddress"]["sequenceNo"] for payload in payloads(streamed.kinesis, "BLOCK_SUMMARY")]
        assert addresses == [first.sequence_no]
        assert late.sequence_no + 1 == first.sequence_no

    def test_a_stream_is_completed_when_every_strand_is_behind_its_end(self, streamed, journal):
        published, end = journal.blocks(), streamed.now + MINUTE
        streamed = Streamed(journal, aggregated=streamed.started.request.aggregated, end=end)
        for index in range(len(journal.strands) - 1):
            journal.commit(index, [1], at=end)
        streamed.run()
        assert streamed.status is Status.ACTIVE
        journal.commit(len(journal.strands) - 1, [1], at=end)
        journal.commit(0, [2], at=end + MINUTE)
        assert streamed.run() == Forwarded(caught_up=True)
        assert streamed.status is Status.COMPLETED
        check_stream(streamed.kinesis, published)
        assert streamed.kinesis.arrived()[-1].value["payload"] == {"controlRecordType": "COMPLETED"}
        streamed.run()
        assert len(payloads(streamed.kinesis, "CONTROL")) == 2

    def test_a_stream_whose_end_has_just_passed_waits_for_commits_that_may_be_under_way(self, journal):
        end = journal.now + 90 * MINUTE
        streamed = Streamed(journal, end=end)
        streamed.now = end + SETTLING - timedelta(milliseconds=1)
        streamed.run()
        assert streamed.status is Status.ACTIVE
        journal.commit(0, [1], at=end - timedelta(milliseconds=1))
        streamed.now = end + SETTLING
        streamed.run()
        assert streamed.status is Status.COMPLETED
        assert streamed.job().description.ended == streamed.now
        check_stream(streamed.kinesis, journal.blocks())


class TestDamage:
    def test_what_is_too_large_is_noted_in_the_job_counted_and_logged(self, plain, journal, caplog):
        address = journal.commit(0, [1], text="x" * 1_100_000)
        journal.commit(0, [1])
        assert plain.run().too_large == 1
        assert plain.job().description.too_large == (address,)
        assert [each.levelno for each in caplog.records] == [logging.ERROR]
        check_stream(plain.kinesis, journal.blocks())
        for _ in range(25):
            last = journal.commit(0, [1], text="x" * 1_100_000)
        assert plain.run().too_large == 25
        assert len(plain.job().description.too_large) == 20
        assert plain.job().description.too_large[-1] == last

    def test_a_damaged_journal_stops_the_stream_behind_what_is_whole(self, plain, journal):
        damaged = block_key(block_address(journal, 0, 3))
        journal.store.commit({damaged: None}, {damaged: 1})
        for _ in range(2):
            with pytest.raises(Corrupt, match=f"block 3 of strand {journal.strands[0]} is missing"):
                plain.run()
        summaries = payloads(plain.kinesis, "BLOCK_SUMMARY")
        mine = [each["blockAddress"] for each in summaries if each["blockAddress"]["strandId"] == journal.strands[0]]
        assert [each["sequenceNo"] for each in mine] == [0, 1, 2]
        assert plain.job().lease is None

    def test_a_block_that_does_not_have_its_hash_is_not_passed_over(self, plain, journal):
        key = block_key(block_address(journal, 0, 2))
        cell = journal.store.get([key])[key]
        header, payloads_of_cell = unpack(cell.data)
        damaged = pack({**header, "transaction": "x" * 21 + "y"}, payloads_of_cell)
        journal.store.commit({key: damaged}, {key: cell.version})
        for _ in range(2):
            with pytest.raises(Corrupt, match=f"block 2 of strand {journal.strands[0]} does not have its hash"):
                plain.run()
        assert plain.job().cursor[journal.strands[0]] == 2
        journal.store.commit({key: cell.data}, {key: cell.version + 1})
        plain.run()
        check_stream(plain.kinesis, journal.blocks())

    def test_a_store_that_fails_for_now_is_raised_and_the_next_run_goes_on(self, streamed, journal):
        for calls in range(1, 30, 3):
            store = FaultyStore(journal.store, read_plan=[False] * calls + [True])
            try:
                streamed.run(store=store)
            except Unavailable:
                continue
        streamed.run()
        check_stream(streamed.kinesis, journal.blocks())


def test_a_kinesis_that_misbehaves_in_every_way_gets_everything_in_order(journal):
    plan = [{0}, reshard, says("ThrottlingException"), {0, 1, 2}, reshard, REFUSED, None, reshard]
    streamed = Streamed(journal, Kinesis(3, plan * 3), aggregated=True)
    streamed.run()
    for _ in range(4):
        journal.commit(0, [1])
        streamed.run()
    check_stream(streamed.kinesis, journal.blocks())
