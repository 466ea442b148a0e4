"""The web console beside the local cloud: what it is started with, where it listens, and how it goes away."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest

from ledger import settings
from ledger.store import DynamoDBStore
from local import paths, web_console
from local.errors import LocalError
from local.ports import HOST, free_port, is_free
from tests.store.conftest import dynamodb, table  # noqa: F401 - fixtures

LEDGER = {"QLDBLedgerName": "small", "LedgerTableName": "table"}
EVIDENCE = {"DigestBucket": "digests", "AuditBucket": "audits", "SigningKeyArn": "arn:aws:kms:key"}
RUN = """
import json, sys, time
from pathlib import Path
from types import SimpleNamespace
from local import web_console
folder, environment, outputs, port = json.load(sys.stdin)
cloud = SimpleNamespace(directory=Path(folder), environment=lambda: environment)
with web_console.running(cloud, outputs, port):
    print("ready", flush=True)
    time.sleep(600)
"""


def test_the_console_is_told_of_the_ledger_and_of_the_evidence_that_is_deployed():
    words = web_console.arguments({"ledger": LEDGER, "evidence": EVIDENCE}, 8183)
    assert words[:4] == ["ledger", "console", "small", "--store=dynamodb://table"]
    assert words[4:] == ["--digests=s3://digests", "--audits=s3://audits", "--kms-key=arn:aws:kms:key",
                         "--port=8183", "--no-browser"]  # fmt: skip
    assert web_console.arguments({"ledger": LEDGER}, 1)[4:] == ["--port=1", "--no-browser"]


@pytest.fixture
def outputs(dynamodb, table):  # noqa: F811 - fixtures
    """The outputs of a deployment with a ledger that is there."""
    store = DynamoDBStore(table, client=dynamodb, namespace="small")
    if not store.get([settings.SETTINGS_KEY]):
        settings.create(store, "small")
    return {"ledger": {**LEDGER, "LedgerTableName": table}}


@pytest.fixture
def place(cloud, tmp_path):
    return SimpleNamespace(directory=tmp_path, environment=cloud.environment)


def status(address):
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.status


def test_it_listens_on_the_port_that_is_given_and_is_gone_with_the_block(place, outputs):
    port = free_port()
    with web_console.running(place, outputs, port) as address:
        assert address.startswith(f"http://127.0.0.1:{port}/?token=")
        assert status(address) == 200
    with pytest.raises(urllib.error.URLError):
        status(address)
    assert (place.directory / "console.log").read_text() == ""


def test_without_a_port_it_takes_a_free_one_if_the_usual_one_is_taken(place, outputs, monkeypatch):
    with socket.create_server((HOST, 0)) as server:
        monkeypatch.setattr(web_console, "USUAL_PORT", server.getsockname()[1])
        with web_console.running(place, outputs, None) as address:
            assert status(address) == 200


def test_without_a_port_it_takes_a_free_one_if_another_takes_the_usual_one_first(place, outputs, monkeypatch):
    with socket.create_server((HOST, 0)) as server:
        monkeypatch.setattr(web_console, "USUAL_PORT", server.getsockname()[1])
        monkeypatch.setattr(web_console, "is_free", lambda _port: True)  # as it was when it was asked
        with web_console.running(place, outputs, None) as address:
            assert status(address) == 200


def test_a_console_that_does_not_start_says_why_in_one_line(place, outputs):
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        running = web_console.running(place, outputs, port)
        with pytest.raises(LocalError, match=f"the console did not start: .*{port}.*log: ") as caught:
            running.__enter__()
        assert "\n" not in str(caught.value)


def test_it_ends_with_a_run_that_is_killed(cloud, outputs, tmp_path):
    port = free_port()
    given = json.dumps([str(tmp_path), cloud.environment(), outputs, port])
    run = subprocess.Popen([sys.executable, "-c", RUN], cwd=paths.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with run:
        run.stdin.write(given.encode())
        run.stdin.close()
        assert run.stdout.readline() == b"ready\n"
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while not is_free(port):
        assert time.monotonic() < deadline, "the console outlives its run"
        time.sleep(0.05)
