"""Killed at any moment under load: every acknowledged commit is there, no half of one, and the chain is whole."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from ledger import ion, settings
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.depth import DEEP
from tests.ledger.support import Client

ROOT = Path(__file__).parents[2]
KILLS = 20
ROUNDS = 10 if DEEP else 1


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_every_acknowledged_commit_survives_being_killed(tmp_path, round_number):
    path = tmp_path / "ledger.db"
    store = SQLiteStore(path)
    settings.create(store, "demo")
    client = Client(Ledger(store, "demo"))
    client.run("CREATE TABLE T")
    client.run("CREATE INDEX ON T (k)")
    dice = random.Random(round_number)
    acknowledged = set()
    for run in range(KILLS):
        acknowledged |= killed_under_load(path, run, seconds=dice.uniform(0.0, 0.25))
        check(client, acknowledged)
    assert acknowledged, "no commit was acknowledged before any kill: the test has shown nothing"
    store.close()


def killed_under_load(path, run, seconds):
    """Let the writer commit for so long after its first commit, kill it, and return what it said was committed."""
    command = [sys.executable, "-m", "tests.ledger.writer", str(path), str(run)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        rest = writer.stdout.read()
    return {line for line in (first + rest).split("\n")[:-1] if line}


def check(client, acknowledged):
    rows = [ion.parse(row) for row in client.run("SELECT * FROM T")]
    halves = Counter(str(row["k"]) for row in rows if "half" in row)
    assert set(halves.values()) <= {2}, "half of a transaction is there"
    assert acknowledged <= set(halves)
    counted = sum(int(row["n"]) for row in rows if "n" in row)
    assert counted == len(halves), "the counters and the inserts of the same transactions differ"
    assert client.findings() == []
