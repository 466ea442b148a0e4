"""The command export, against the local cloud's S3."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from amazon.ion import simpleion

from bench.journal import LEDGER, make
from ledger import clock as clocks
from ledger import settings, strand
from ledger.cli.main import main
from ledger.driver import connect
from ledger.store import SQLiteStore
from tests.gate import gate_before
from verifier import verify

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path, within_an_hour):
    """A folder with a ledger of 303 blocks."""
    store = SQLiteStore(tmp_path / f"{LEDGER}.db")
    make(store, 300)
    with connect(LEDGER, store) as driver:
        driver.execute_lambda(lambda txn: txn.execute_statement("INSERT INTO T {'n': 1}"))
    return tmp_path


@pytest.fixture
def end(folder):
    """The time of the last block: up to there everything is settled."""
    store = SQLiteStore(folder / f"{LEDGER}.db")
    [strand_id] = settings.load(store, LEDGER).strands
    newest = strand.tip(store, strand_id).timestamp
    store.close()
    return clocks.write(newest)


@pytest.fixture
def environment(cloud, monkeypatch):
    for name, value in cloud.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)


def blocks_in(s3, bucket, manifest):
    body = s3.get_object(Bucket=bucket, Key=manifest)["Body"].read()
    for key in simpleion.loads(body)["keys"]:
        yield from simpleion.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), single_value=False)


def manifests(s3, bucket):
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return [key for key in keys if key.endswith(".completed.manifest")]


@pytest.mark.usefixtures("environment")
def test_a_ledger_is_exported_by_one_command(s3, s3_bucket, folder, end, capsys):
    arguments = ["export", LEDGER, "--data", str(folder), "--bucket", s3_bucket, "--prefix", "a", "--to", end]
    assert main([*arguments, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["Status"], shown["Objects"], shown["ExclusiveEndTime"]) == ("COMPLETED", 1, end)
    [manifest] = manifests(s3, s3_bucket)
    assert f"a/{shown['ExportId']}." in manifest
    found = list(blocks_in(s3, s3_bucket, manifest))
    assert len(found) == 302
    assert list(verify.chain(found, None))


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--bucket", "no-such-bucket"], 1, "QLDB encountered an error validating S3 configuration: NoSuchBucket"),
        ([], 2, "give --bucket to begin an export, or --resume EXPORT_ID to go on with one"),
        (["--resume", "0007KbqoyqAIch6XRbQ4iA"], 1, "no export '0007KbqoyqAIch6XRbQ4iA' of this ledger"),
        (["--bucket", "b", "--from", "2999-01-01"], 1, "the start time must be before the end time"),
    ],
)
def test_what_cannot_be_exported_is_one_clear_error(folder, capsys, arguments, code, complaint):
    assert main(["export", LEDGER, "--data", str(folder), *arguments]) == code
    assert f"error: {complaint}" in capsys.readouterr().err


def test_an_export_that_is_killed_goes_on_with_resume(cloud, s3, s3_bucket, folder, end):
    command = [sys.executable, "-m", "ledger", "export", LEDGER, "--data", str(folder)]
    begin = [*command, "--bucket", s3_bucket, "--to", end]
    with gate_before(cloud.endpoint_url) as gate:
        environment = {**cloud.environment(), "AWS_ENDPOINT_URL_S3": gate.url}
        with subprocess.Popen(begin, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as running:
            export_id = running.stderr.readline().removeprefix("export ").split(";")[0]
            gate.wait_until_reached()
            running.kill()
        assert manifests(s3, s3_bucket) == []
    resumed = [*command, "--resume", export_id, "--json"]
    done = subprocess.run(resumed, cwd=ROOT, env=cloud.environment(), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["Status"] == "COMPLETED"
    [manifest] = manifests(s3, s3_bucket)
    assert len(list(blocks_in(s3, s3_bucket, manifest))) == 302
