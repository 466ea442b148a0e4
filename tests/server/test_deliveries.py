"""Journal streams over the life of a server: killed, ended, started anew, beside others; and while Kinesis fails."""

import signal
import time
import uuid
from collections import Counter

import pytest
from pyqldb.driver.qldb_driver import QldbDriver

from bench.journal import LEDGER, make
from ledger import settings
from ledger.driver import connect
from ledger.store import SQLiteStore
from ledger.stream import StreamRequest, ensure_stream
from ledger.stream.job import load_job, save_job
from tests.gate import gate_before
from tests.server.kinesis import control, holds, of_kind, summaries
from tests.server.processes import refuses_connections, running, start, wait_until
from tests.server.streamed import LONG_AGO, Journal

MANY, FEW = 500, 5


@pytest.fixture
def folder(tmp_path):
    """A folder with a ledger of a few blocks."""
    return made(tmp_path, FEW)


@pytest.fixture
def long_folder(tmp_path):
    """A folder with a ledger of so many blocks that streaming them takes a while."""
    return made(tmp_path, MANY)


def made(folder, blocks):
    store = SQLiteStore(folder / f"{LEDGER}.db")
    make(store, blocks)
    store.close()
    return folder


def journal_of(server, target, name=LEDGER):
    """The ledger behind a server, without a driver on it."""
    return Journal(server.client(), name, None, target)


@pytest.fixture
def gate(cloud):
    """A gate that lets a stream's first record and its first blocks pass."""
    with gate_before(cloud.endpoint_url, passing=2) as gate:
        yield gate


@pytest.fixture
def held(cloud, long_folder, target, gate):
    """The gate, a server that streams the long journal and is held there, its stream's id, and the journal's ends."""
    environment = {**cloud.environment(), "AWS_ENDPOINT_URL_KINESIS": gate.url}
    server = start("--data", str(long_folder), environment=environment)
    journal = journal_of(server, target)
    stream_id, ends = journal.start(), journal.tips()
    journal.qldb.close()
    gate.wait_until_reached()
    assert not ends <= summaries(target.wait_for(summaries)).keys()
    yield gate, server, stream_id, ends
    server.process.kill()
    server.process.communicate()


def insert(folder, name=LEDGER):
    """Commit a block as another process does."""
    store = SQLiteStore(folder / f"{name}.db")
    with connect(name, store) as driver:
        driver.execute_lambda(lambda txn: txn.execute_statement("INSERT INTO T {'by': 'another process'}"))
    store.close()


def let_lease_pass(folder, stream_id):
    """What the time does to the lease of a forwarder that is no more."""
    store = SQLiteStore(folder / f"{LEDGER}.db")
    job, version = load_job(store, stream_id)
    save_job(store, job._replace(lease=None), version)
    store.close()


def test_a_killed_server_loses_nothing_and_the_next_one_goes_on_at_the_checkpoint(cloud, long_folder, target, held):
    _, server, stream_id, ends = held
    server.stop(signal.SIGKILL)
    let_lease_pass(long_folder, stream_id)
    with running("--data", str(long_folder), environment=cloud.environment()):
        records = target.wait_for(lambda records: holds(records, ends))
    assert {number for _, number in summaries(records)} == set(range(max(number for _, number in ends) + 1))
    assert control(records) == ["CREATED"]
    assert len(of_kind(records, "BLOCK_SUMMARY")) < 2 * len(summaries(records)), "it began anew"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_in_order_leaves_the_checkpoint_where_its_records_are(
    cloud, long_folder, target, held, number
):
    gate, server, _, ends = held
    time.sleep(2)  # so that the delivery's turn is over: it finishes its batch, and nothing else
    server.process.send_signal(number)
    wait_until(lambda: refuses_connections(server.port))
    gate.open()
    assert server.process.communicate(timeout=60) == ("", "")
    assert server.process.returncode == 0
    with running("--data", str(long_folder), environment=cloud.environment()):
        records = target.wait_for(lambda records: holds(records, ends))
    times = Counter(str(payload["blockAddress"]) for payload in of_kind(records, "BLOCK_SUMMARY"))
    assert set(times.values()) == {1}


def test_commits_of_other_processes_are_delivered(cloud, folder, target):
    with running("--data", str(folder), environment=cloud.environment()) as server:
        journal = journal_of(server, target)
        [(strand_id, last)] = journal.tips()
        journal.start()
        target.wait_for(lambda records: holds(records, {(strand_id, last)}))
        insert(folder)
        target.wait_for(lambda records: holds(records, {(strand_id, last + 1)}))
        journal.qldb.close()


def test_a_stream_is_impaired_while_its_data_stream_is_gone_and_goes_on_when_it_is_back(cloud, folder, target):
    server = start("--data", str(folder), environment=cloud.environment())
    journal = journal_of(server, target)
    [(strand_id, last)] = journal.tips()
    stream_id = journal.start()
    target.wait_for(lambda records: holds(records, {(strand_id, last)}))
    target.delete()
    insert(folder)
    wait_until(lambda: journal.describe(stream_id)["Status"] == "IMPAIRED")
    assert journal.describe(stream_id)["ErrorCause"] == "KINESIS_STREAM_NOT_FOUND"
    insert(folder)
    target.create()
    records = target.wait_for(lambda records: holds(records, {(strand_id, last + 2)}))
    assert summaries(records).keys() == {(strand_id, last + 1), (strand_id, last + 2)}
    wait_until(lambda: journal.describe(stream_id)["Status"] == "ACTIVE")
    assert "ErrorCause" not in journal.describe(stream_id)
    journal.qldb.close()
    assert server.stop() == 0
    [complaint] = server.process.communicate()[1].splitlines()
    assert f"stream {stream_id} of ledger {LEDGER}: the stream is impaired, KINESIS_STREAM_NOT_FOUND" in complaint


def test_an_impaired_stream_can_be_canceled(cloud, folder, target):
    server = start("--data", str(folder), environment=cloud.environment())
    journal = journal_of(server, target)
    stream_id = journal.start()
    target.delete()
    insert(folder)  # if all the others were faster than the deletion
    wait_until(lambda: journal.describe(stream_id)["Status"] == "IMPAIRED")
    journal.cancel(stream_id)
    described = journal.describe(stream_id)
    assert (described["Status"], "ErrorCause" in described) == ("CANCELED", False)
    journal.qldb.close()
    assert server.stop() == 0
    server.process.communicate()


def test_the_stream_of_a_deployed_forwarder_is_shown_and_left_to_it(cloud, folder, target):
    store = SQLiteStore(folder / f"{LEDGER}.db")
    request = StreamRequest("deployed", LONG_AGO, target.arn)
    prefix = "arn:aws:qldb:us-east-1:000000000000"
    deployed = ensure_stream(store, settings.load(store, LEDGER), request, arn_prefix=prefix)
    store.close()
    with running("--data", str(folder), environment=cloud.environment()) as server:
        journal = journal_of(server, target)
        assert [stream["StreamId"] for stream in journal.list()["Streams"]] == [deployed.stream_id]
        journal.start()
        ends = journal.tips()
        records = target.wait_for(lambda records: holds(records, ends))
        assert deployed.arn not in {record.arn for record in records}
        journal.qldb.close()


def test_a_server_on_a_table_goes_on_with_the_streams_of_one_that_was_killed(cloud, table, target):
    place = ("--store", f"dynamodb://{table}", "--limit", "active_ledgers=10000")
    server = start(*place, environment=cloud.environment())
    journal = journal_of(server, target, f"S{uuid.uuid4().hex[:20]}")
    journal.qldb.create_ledger(Name=journal.name, PermissionsMode="ALLOW_ALL", DeletionProtection=False)
    before = journal.tips()
    stream_id = journal.start()
    target.wait_for(lambda records: holds(records, before))
    server.stop(signal.SIGKILL)
    server.process.communicate()
    with running(*place, environment=cloud.environment()) as after:
        journal = journal_of(after, target, journal.name)
        with QldbDriver(journal.name, boto3_session=after.session(), endpoint_url=after.url) as driver:
            driver.execute_lambda(lambda txn: txn.execute_statement("CREATE TABLE T"))
        ends = journal.tips()
        target.wait_for(lambda records: holds(records, ends))
        journal.cancel(stream_id)
        journal.qldb.close()
