"""Exports as jobs: started, described, listed, ended, forgotten; run again after a kill."""

import threading
from datetime import timedelta

import pytest

from ledger import export
from ledger.errors import InvalidParameterException
from ledger.export import ExportFailedError, ExportNotFoundError, TooManyExportsError, blocks
from ledger.store import SQLiteStore
from tests.export.conftest import LONG_AGO, FakeBucket, refusal, run, start


def test_an_export_is_described_by_the_names_of_the_api(filled, bucket, clock):
    job = start(filled, bucket, clock, role_arn="arn:aws:iam::000000000000:role/r")
    shown = export.describe_export(filled.ledger.store, job.export_id, now=clock).to_api()
    assert shown == {
        "LedgerName": "demo",
        "ExportId": job.export_id,
        "ExportCreationTime": job.created,
        "Status": "IN_PROGRESS",
        "InclusiveStartTime": filled.ledger.settings.created,
        "ExclusiveEndTime": job.request.end,
        "S3ExportConfiguration": {
            "Bucket": "b",
            "Prefix": "p/",
            "EncryptionConfiguration": {"ObjectEncryptionType": "NO_ENCRYPTION"},
        },
        "RoleArn": "arn:aws:iam::000000000000:role/r",
        "OutputFormat": "ION_TEXT",
    }
    run(filled, bucket, clock, job.export_id)
    assert export.describe_export(filled.ledger.store, job.export_id, now=clock).status == "COMPLETED"


def test_exports_are_listed_oldest_first(filled, bucket, clock):
    jobs = []
    for _ in range(3):
        jobs.append(start(filled, bucket, clock))
        jobs[-1] = run(filled, bucket, clock, jobs[-1].export_id)
        clock.ahead += timedelta(seconds=1)
    assert export.list_exports(filled.ledger.store, now=clock) == jobs


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"start": LONG_AGO, "end": LONG_AGO}, "InclusiveStartTime"),
        ({"end": LONG_AGO.replace(year=2999)}, "ExclusiveEndTime"),
        ({"end": LONG_AGO.replace(year=2020, tzinfo=None)}, "ExclusiveEndTime"),
        ({"prefix": "p" * 129}, "Prefix"),
        ({"bucket": ""}, "Bucket"),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_refused_and_nothing_is_written(
    filled, bucket, clock, changes, parameter
):
    with pytest.raises(InvalidParameterException) as refused:
        start(filled, bucket, clock, **changes)
    assert refused.value.parameter == parameter
    assert bucket.puts == []
    assert export.list_exports(filled.ledger.store, now=clock) == []


def test_a_bucket_that_cannot_be_written_is_refused_in_the_words_of_qldb(filled, bucket, clock):
    bucket.fail_at, bucket.error = 0, refusal("NoSuchBucket", 404)
    with pytest.raises(
        InvalidParameterException, match="QLDB encountered an error validating S3 configuration: NoSuchBucket no"
    ):
        start(filled, bucket, clock)
    assert export.list_exports(filled.ledger.store, now=clock) == []


def test_a_third_running_export_is_refused_until_one_ends(filled, bucket, clock):
    first = start(filled, bucket, clock)
    start(filled, bucket, clock)
    with pytest.raises(TooManyExportsError):
        start(filled, bucket, clock)
    run(filled, bucket, clock, first.export_id)
    assert start(filled, bucket, clock).status == "IN_PROGRESS"


def test_of_many_started_at_once_two_run(filled, clock):
    store, outcomes = filled.ledger.store, []

    def begin():
        try:
            outcomes.append(start(filled, FakeBucket(), clock))
        except TooManyExportsError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, TooManyExportsError) for outcome in outcomes) == 4
    assert len(export.list_exports(store, now=clock)) == 2


def test_an_ended_export_vanishes_after_seven_days_with_all_its_cells(filled, bucket, clock):
    job = start(filled, bucket, clock)
    run(filled, bucket, clock, job.export_id)
    clock.ahead += timedelta(days=7) - timedelta(minutes=1)
    assert export.describe_export(filled.ledger.store, job.export_id, now=clock)
    clock.ahead += timedelta(minutes=2)
    with pytest.raises(ExportNotFoundError):
        export.describe_export(filled.ledger.store, job.export_id, now=clock)
    assert export.list_exports(filled.ledger.store, now=clock) == []
    other = start(filled, bucket, clock)
    assert [key.sort for key, _ in filled.ledger.store.scan("export")] == [other.export_id]
    assert list(filled.ledger.store.scan(f"export/{job.export_id}")) == []


def test_an_unknown_export_is_not_found(filled, bucket, clock):
    with pytest.raises(ExportNotFoundError):
        run(filled, bucket, clock, "0007KbqoyqAIch6XRbQ4iA")


def test_an_export_that_s3_refuses_for_good_is_cancelled_and_makes_room(filled, bucket, clock):
    job = start(filled, bucket, clock)
    bucket.fail_at, bucket.error = 1, refusal("AccessDenied", 403)
    with pytest.raises(ExportFailedError, match="AccessDenied no"):
        run(filled, bucket, clock, job.export_id)
    assert export.describe_export(filled.ledger.store, job.export_id, now=clock).status == "CANCELLED"
    assert run(filled, bucket, clock, job.export_id).status == "CANCELLED"
    start(filled, bucket, clock)
    start(filled, bucket, clock)


@pytest.fixture
def small_objects(monkeypatch):
    monkeypatch.setattr(blocks, "MOST_BLOCKS", 4)


@pytest.mark.usefixtures("small_objects")
@pytest.mark.parametrize("fail_at", range(1, 12))
@pytest.mark.parametrize("error", [KeyboardInterrupt(), refusal("SlowDown", 503)], ids=["killed", "busy"])
def test_an_export_that_was_interrupted_anywhere_ends_with_the_same_objects(filled, bucket, clock, fail_at, error):
    end = clock()
    whole = FakeBucket()
    job = start(filled, whole, clock, end=end)
    run(filled, whole, clock, job.export_id)
    again = start(filled, bucket, clock, end=end)
    bucket.fail_at, bucket.error = fail_at, error
    with pytest.raises(type(error)) if fail_at < len(whole.puts) else _nothing():
        run(filled, bucket, clock, again.export_id)
    reopened = SQLiteStore(filled.ledger.store._path)
    done = export.run_export(reopened, filled.ledger.settings, again.export_id, bucket, now=clock, sleep=clock.sleep)
    reopened.close()
    assert done.status == "COMPLETED"
    renamed = {key.replace(job.export_id, again.export_id): body for key, body in whole.objects.items()}
    started = f"p/{again.export_id}.started.manifest"
    del renamed[started], bucket.objects[started]
    assert bucket.objects == renamed
    assert len(bucket.puts) == len(set(bucket.puts)), "what was in the bucket was written again"


class _nothing:  # noqa: N801 - stands for pytest.raises
    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


def test_two_workers_on_one_export_come_to_the_same_end(filled, bucket, clock, monkeypatch):
    monkeypatch.setattr(blocks, "MOST_BLOCKS", 2)
    job = start(filled, bucket, clock)
    beside = []

    def interfere(what, done, total):
        if done >= 4 and not beside:
            beside.append(True)
            run(filled, bucket, clock, job.export_id)

    assert run(filled, bucket, clock, job.export_id, progress=interfere).status == "COMPLETED"
    assert beside
    for strand_id in filled.ledger.settings.strands:
        manifest = bucket.manifest(job.export_id, strand_id).decode()
        assert manifest.count(f"{strand_id}.") == len(
            {key for key in bucket.puts if key.endswith(".ion") and strand_id in key}
        )


def test_progress_counts_all_blocks_once_also_after_an_interruption(filled, bucket, clock, monkeypatch):
    monkeypatch.setattr(blocks, "MOST_BLOCKS", 4)
    job = start(filled, bucket, clock)
    bucket.fail_at = 3
    with pytest.raises(KeyboardInterrupt):
        run(filled, bucket, clock, job.export_id)
    told = []
    run(filled, bucket, clock, job.export_id, progress=lambda *step: told.append(step))
    total = sum(len(list(filled.ledger.store.scan(f"block/{s}"))) for s in filled.ledger.settings.strands)
    assert told[-1] == ("blocks", total, total)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
