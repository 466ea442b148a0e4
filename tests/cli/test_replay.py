"""The command replay, into the local cloud's Kinesis."""

import json
import shlex
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from bench.journal import LEDGER, make
from ledger import clock, settings, strand
from ledger.audit.finding import no_progress
from ledger.cli import replaying
from ledger.cli.main import main
from ledger.cli.replaying import Replay
from ledger.driver import connect
from ledger.journal.revision import BlockAddress
from ledger.store import DynamoDBStore, SQLiteStore
from ledger.stream import StreamRequest, chunks, start_stream
from tests.gate import gate_before
from tests.server.conftest import kinesis, target  # noqa: F401 - fixtures
from tests.server.kinesis import control, decoded, holds, of_kind, summaries
from tests.server.streamed import LONG_AGO
from tests.store.conftest import dynamodb, table  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[2]
MANY = 500
KINESIS_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/journal"


@pytest.fixture
def environment(cloud, monkeypatch):
    for name, value in cloud.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)


@pytest.fixture
def place(tmp_path):
    """The folder of a ledger with documents, updates and a deletion, over four strands."""
    store = SQLiteStore(tmp_path / "demo.db")
    settings.create(store, "demo", strands=4)
    with connect("demo", store) as driver:
        run(driver, "CREATE TABLE T")
        for number in range(8):
            run(driver, "INSERT INTO T ?", {"n": number})
        for _ in range(3):
            run(driver, "UPDATE T SET n = n + 1 WHERE n > 3")
        run(driver, "DELETE FROM T WHERE n = 0")
    store.close()
    return tmp_path


def run(driver, statement, *parameters):
    driver.execute_lambda(lambda txn: txn.execute_statement(statement, *parameters))


def blocks_of(folder, name):
    """The timestamp of every block by its address."""
    store = SQLiteStore(folder / f"{name}.db")
    ledger = settings.load(store, name)
    begins = [BlockAddress(strand_id, 0) for strand_id in ledger.strands]
    found = {tuple(b.block.address): b.block.timestamp for begin in begins for b in strand.blocks_from(store, begin)}
    store.close()
    return found


def replay(folder, stream, *arguments, start="2019-01-01"):
    return main(["replay", "--from", start, "--stream", stream, "--data", str(folder), *arguments])


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("aggregated", [[], ["--aggregated"]], ids=["plain", "aggregated"])
def test_the_whole_journal_is_published_causes_before_effects(place, target, capsys, aggregated):  # noqa: F811
    assert replay(place, target.name, *aggregated) == 0
    records, blocks = target.records(), blocks_of(place, "demo")
    assert summaries(records).keys() == blocks.keys()
    assert holds(records, set(blocks))
    assert control(records) == []
    versions = {}
    for payload in of_kind(records, "REVISION_DETAILS"):
        metadata = payload["revision"]["metadata"]
        versions.setdefault(str(metadata["id"]), []).append(int(metadata["version"]))
    assert all(numbers == list(range(len(numbers))) for numbers in versions.values())
    assert capsys.readouterr().out == (
        f"{len(blocks)} blocks of ledger demo, {len(records)} records, are in {target.name}\n"
    )
    assert (target.arrivals < len(records)) is bool(aggregated)


@pytest.mark.usefixtures("environment")
def test_a_ledger_in_a_table_is_replayed(dynamodb, table, target):  # noqa: F811
    name = f"R{uuid.uuid4().hex[:20]}"
    settings.create(DynamoDBStore(table, namespace=name, client=dynamodb), name, strands=2)
    arguments = ["--from", "2019-01-01", "--stream", target.name, "--ledger", name]
    assert main(["replay", *arguments, "--store", f"dynamodb://{table}"]) == 0
    assert [number for _, number in summaries(target.records())] == [0, 0]


@pytest.mark.usefixtures("environment")
def test_times_select_blocks_the_first_included_the_last_not(place, target, capsys):  # noqa: F811
    blocks = blocks_of(place, "demo")
    times = sorted(set(blocks.values()))
    start, end = times[2], times[-3]
    times_given = {"from": clock.write(start), "to": clock.write(end)}
    assert replay(place, target.name, "--to", times_given["to"], "--json", start=times_given["from"]) == 0
    wanted = {address for address, timestamp in blocks.items() if start <= timestamp < end}
    records = target.records()
    assert summaries(records).keys() == wanted
    told = json.loads(capsys.readouterr().out)
    counts = {"blocks": len(wanted), "records": len(records)}
    assert told == {"ledger": "demo", "stream": target.name, **times_given, **counts}


@pytest.mark.usefixtures("environment")
def test_a_time_without_blocks_is_nothing_and_no_failure(place, target, capsys):  # noqa: F811
    assert replay(place, target.name, "--to", "2019-02-01") == 0
    assert target.records() == []
    assert capsys.readouterr().out.startswith("0 blocks of ledger demo, 0 records")


@pytest.mark.usefixtures("environment")
def test_records_carry_the_arn_of_the_live_stream_into_the_data_stream_or_of_none(place, kinesis, target):  # noqa: F811
    assert replay(place, target.name) == 0
    [fresh] = {record.arn for record in target.records()}
    assert fresh.startswith("arn:aws:qldb:us-east-1:000000000000:stream/demo/")
    store = SQLiteStore(place / "demo.db")
    request = StreamRequest("audit", LONG_AGO, target.arn)
    ledger, prefix = settings.load(store, "demo"), "arn:aws:qldb:us-east-1:000000000000"
    live = start_stream(store, ledger, request, kinesis, arn_prefix=prefix)
    store.close()
    assert replay(place, target.name) == 0
    assert {record.arn for record in target.records()} == {fresh, live.arn}


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--stream", "no-such-stream"], 1, "Stream no-such-stream not found"),
        (["--from", "yesterday"], 2, "argument --from: 'yesterday' is no time: give one such as 2026-01-31T12:00:00Z"),
        (["--to", "2019-01-01T00:00:00Z"], 2, "--from is 2019-01-01T00:00:00.000Z: give a time before 2019-01-01T"),
        (["--to", "2999-01-01"], 2, "--to is 2999-01-01T00:00:00.000Z, in the future: leave it out, and it is now"),
        (["--ledger", "other"], 1, "no ledger 'other' in"),
        (["--endpoint-url", "nonsense"], 1, "Invalid endpoint: nonsense"),
    ],
)
def test_what_cannot_be_replayed_is_one_clear_error(place, capsys, arguments, code, complaint):
    try:
        ended = replay(place, "journal", *arguments)
    except SystemExit as error:
        ended = error.code
    assert ended == code
    assert complaint in capsys.readouterr().err.splitlines()[-1]


def test_a_region_that_is_missing_is_one_clear_error(place, capsys):
    assert replay(place, "journal") == 1
    assert capsys.readouterr().err == "error: You must specify a region.\n"


@pytest.mark.parametrize("names", [[], ["a", "b"]])
def test_a_ledger_must_be_named_unless_there_is_just_one(tmp_path, capsys, names):
    for name in names:
        SQLiteStore(tmp_path / f"{name}.db").close()
    assert replay(tmp_path, "journal") == 2
    assert capsys.readouterr().err.startswith(f"error: give --ledger NAME{': there are a, b' if names else ''}")


def test_a_table_needs_the_name_of_its_ledger(capsys):
    assert main(["replay", "--from", "2019-01-01", "--stream", "s", "--store", "dynamodb://table"]) == 2
    assert capsys.readouterr().err == "error: give --ledger NAME\n"


@pytest.fixture
def gate(cloud):
    with gate_before(cloud.endpoint_url) as gate:
        yield gate


@pytest.fixture
def held_replay(cloud, tmp_path, target, gate):  # noqa: F811
    """A replay of some hundreds of blocks, whose first records are published and whose next are held at the gate."""
    store = SQLiteStore(tmp_path / f"{LEDGER}.db")
    make(store, MANY)
    store.close()
    times_and_target = ["--from", "2019-01-01", "--stream", target.name, "--aggregated", "--endpoint-url", gate.url]
    command = [sys.executable, "-m", "ledger", "replay", *times_and_target, "--data", str(tmp_path)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=cloud.environment(), **pipes) as running:
        gate.wait_until_reached()
        yield running
        running.kill()


def test_an_interrupted_replay_says_how_to_go_on_and_then_nothing_is_missing(
    cloud,
    tmp_path,
    held_replay,
    target,  # noqa: F811
    gate,
):
    held_replay.send_signal(signal.SIGINT)
    out, err = held_replay.communicate(timeout=60)
    assert (held_replay.returncode, out) == (130, "")
    told, how = err.splitlines()
    assert told.startswith("100 blocks, ")
    assert told.endswith("records were published; to go on:")
    assert how.startswith("python -m ledger replay --from ")
    blocks = blocks_of(tmp_path, LEDGER)
    published = summaries(target.records()).keys()
    assert 0 < len(published) < len(blocks)
    gate.open()
    again = [sys.executable, *shlex.split(how)[1:]]
    subprocess.run(again, cwd=ROOT, env=cloud.environment(), check=True, capture_output=True, timeout=120)
    assert holds(target.records(), set(blocks))


def test_a_replay_whose_data_stream_vanishes_says_why_and_how_to_go_on(held_replay, target, gate):  # noqa: F811
    target.delete()
    gate.open()
    out, err = held_replay.communicate(timeout=60)
    assert (held_replay.returncode, out) == (1, "")
    _, how, why = err.splitlines()
    assert how.startswith("python -m ledger replay --from ")
    assert why.startswith("error: ")
    assert why.endswith(f"{target.name} not found")


class Breaking:
    """A publisher that ends the replay at the n-th call; it keeps what it got before."""

    def __init__(self, calls):
        self.records, self.calls = [], calls

    def __call__(self, *_, **__):
        return self

    def publish(self, records):
        if self.calls == 0:
            raise KeyboardInterrupt
        self.calls -= 1
        self.records += [decoded(record.partition_key, record.data) for record in records]


def test_all_that_is_older_than_where_to_go_on_is_published_wherever_it_breaks(place, monkeypatch):
    monkeypatch.setattr(chunks, "MOST_BLOCKS", 2)
    store, blocks = SQLiteStore(place / "demo.db"), blocks_of(place, "demo")
    ledger, end = settings.load(store, "demo"), clock.now()
    positions = []
    for calls in range(len(blocks) // 2):
        replay = Replay(store, ledger, min(blocks.values()), end)
        publisher = Breaking(calls)
        monkeypatch.setattr(replaying, "KinesisPublisher", publisher)
        with pytest.raises(KeyboardInterrupt):
            replay.run(None, KINESIS_ARN, aggregated=False, progress=no_progress)
        positions.append(replay.position())
        older = {address for address, timestamp in blocks.items() if timestamp < positions[-1]}
        assert older <= summaries(publisher.records).keys()
    store.close()
    assert positions[0] == min(blocks.values()) < positions[-1]
