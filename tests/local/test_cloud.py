import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from local import paths
from local.cloud import running_cloud
from local.errors import LocalError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
FUNCTION = "import os\ndef on(event, context):\n    return {'pid': os.getpid(), 'names': sorted(os.environ)}\n"
RUN = """
import signal, sys, time
from pathlib import Path
from local.cloud import running_cloud
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which may have been ignored from the start: nohup
with running_cloud(state=Path(sys.argv[1])) as cloud:
    print(cloud.port, cloud.process.pid, flush=True)
    time.sleep(600)
"""


def _invoke(cloud):
    """Make a function and call it, which leaves a warm process behind; return its answer."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", FUNCTION)
    client = boto3.client("lambda", **cloud.client_options())
    role = "arn:aws:iam::000000000000:role/any"
    code = {"ZipFile": archive.getvalue()}
    client.create_function(
        FunctionName="f", Runtime="python3.13", Handler="index.on", Role=role, Code=code, Timeout=300
    )
    return json.loads(client.invoke(FunctionName="f")["Payload"].read())


def _group(leader):
    """Return the processes of a group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == leader and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def _wait_until_gone(leader):
    deadline = time.monotonic() + 120
    while _group(leader):
        assert time.monotonic() < deadline, f"still running: {_group(leader)}"
        time.sleep(0.05)


def _listeners(pids):
    """Return the addresses, in hex, on which any of the processes listens for TCP."""
    sockets = set()
    for link in (link for pid in pids for link in Path(f"/proc/{pid}/fd").glob("*")):
        with suppress(FileNotFoundError):  # closed since it was listed
            sockets.add(str(link.readlink()))
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


def test_cloud_listens_on_its_port_of_the_loopback_address_and_nowhere_else(tmp_path):
    with running_cloud() as cloud:
        _invoke(cloud)
        assert _listeners(_group(cloud.process.pid)) == {f"0100007F:{cloud.port:04X}"}


def test_block_that_ends_leaves_no_process_and_no_file():
    with running_cloud() as cloud:
        worker = _invoke(cloud)["pid"]
        assert worker in _group(cloud.process.pid)
    _wait_until_gone(cloud.process.pid)  # they are killed by now, which takes a moment
    assert not cloud.directory.exists()


def test_block_that_fails_leaves_no_process():
    with pytest.raises(ZeroDivisionError), running_cloud() as cloud:
        _ = 1 / 0
    _wait_until_gone(cloud.process.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_starter_that_is_killed_takes_the_cloud_and_the_functions_with_it(number, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", RUN, tmp_path], cwd=paths.ROOT, stdout=subprocess.PIPE, text=True
    ) as ours:
        port, leader = map(int, ours.stdout.readline().split())
        _Endpoint.port = port
        assert _invoke(_Endpoint)["pid"] in _group(leader)
        ours.send_signal(number)
    _wait_until_gone(leader)


class _Endpoint:
    """A cloud that another process started."""

    port: int

    @classmethod
    def client_options(cls):
        url = f"http://127.0.0.1:{cls.port}"
        return {
            "endpoint_url": url,
            "region_name": "us-east-1",
            "aws_access_key_id": "000000000000",
            "aws_secret_access_key": "x",
        }


def test_cloud_that_is_killed_takes_the_functions_with_it():
    with running_cloud() as cloud:
        _invoke(cloud)
        os.kill(cloud.process.pid, signal.SIGKILL)
        with pytest.raises(LocalError, match="ended by itself with code -9"):
            cloud.wait()
    _wait_until_gone(cloud.process.pid)


def test_functions_do_not_see_the_environment_of_the_person_who_runs_them(monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
    monkeypatch.setenv("MY_PASSWORD", "secret")
    with running_cloud() as cloud:
        assert {"AWS_MAX_ATTEMPTS", "MY_PASSWORD"}.isdisjoint(_invoke(cloud)["names"])


def test_two_clouds_run_side_by_side_and_share_nothing():
    with running_cloud() as first, running_cloud() as second:
        _tables(first).create_table(**_TABLE)
        assert _tables(first).list_tables()["TableNames"] == ["accounts"]
        assert _tables(second).list_tables()["TableNames"] == []


_TABLE = {
    "TableName": "accounts",
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def _tables(cloud):
    return boto3.client("dynamodb", **cloud.client_options())


def _put(cloud, key):
    _tables(cloud).put_item(TableName="accounts", Item={"k": {"S": key}, "d": {"B": b"\x00\xff"}})


def _keys(cloud):
    return sorted(item["k"]["S"] for item in _tables(cloud).scan(TableName="accounts")["Items"])


def test_data_outlive_a_restart_and_after_a_kill_the_last_good_run_counts(tmp_path):
    with running_cloud(state=tmp_path) as cloud:
        _tables(cloud).create_table(**_TABLE)
        _put(cloud, "kept")
        cloud.state.mark_deployed()
    with running_cloud(state=tmp_path) as cloud:
        assert _keys(cloud) == ["kept"]
        _put(cloud, "lost")
        cloud.state.mark_deployed()
        os.kill(cloud.process.pid, signal.SIGKILL)
    with running_cloud(state=tmp_path) as cloud:
        assert _keys(cloud) == ["kept"]


def test_second_cloud_in_the_same_folder_is_refused(tmp_path):
    with (
        running_cloud(state=tmp_path),
        pytest.raises(LocalError, match="in use by another run"),
        running_cloud(state=tmp_path),
    ):
        pytest.fail("it was started")


def test_cloud_that_is_not_installed_is_said_to_be_so(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "CLOUD_VENV", tmp_path / "none")
    with pytest.raises(LocalError, match=r"not installed.*make setup"), running_cloud():
        pytest.fail("it was started")


def test_cloud_that_does_not_start_is_reported_with_its_log(tmp_path, monkeypatch):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho broken\nexit 4\n")
    python.chmod(0o755)
    monkeypatch.setattr(paths, "CLOUD_VENV", tmp_path)
    with pytest.raises(LocalError, match=r"did not start \(code 4\); see .*cloud.log"), running_cloud(state=tmp_path):
        pytest.fail("it was started")
    assert (tmp_path / "cloud.log").read_text() == "broken\n"


@pytest.mark.parametrize("auth", [False, True])
def test_key_that_nobody_made_is_refused_only_when_signatures_are_checked(auth):
    with running_cloud(auth=auth) as cloud:
        options = cloud.client_options() | {"aws_access_key_id": "AKIAUNKNOWNUNKNOWN00"}
        tables = boto3.client("dynamodb", **options)
        if auth:
            with pytest.raises(ClientError, match="UnrecognizedClientException"):
                tables.list_tables()
        else:
            assert tables.list_tables()["TableNames"] == []
