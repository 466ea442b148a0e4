"""The tamper drill: each manipulation is caught and named by the next audit, and a sound ledger never is."""

import functools
import json
import os
import subprocess
import sys

import pytest

from drill import transcript
from drill.deployed import DeployedGround, NotLoopbackError
from drill.disk import DiskGround
from drill.drill import MANIPULATIONS, Drill
from drill.manipulation import Attempt, Manipulation
from ledger.documents import write_current
from ledger.verification.ecdsa import PublicKey
from local import paths
from tests.depth import DEEP


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    """A drill on a ledger with a short past."""
    ground = DiskGround(tmp_path_factory.mktemp("drill"))
    made = Drill(ground)
    list(made.build(60))
    yield made
    made.close()
    ground.close()


@pytest.fixture(autouse=True)
def _each_signature_once(monkeypatch):
    """Check each signature once: the same digests are read by each audit, and the arithmetic is slow."""
    monkeypatch.setattr(PublicKey, "has_signed", functools.cache(PublicKey.has_signed))


def test_each_manipulation_is_caught_named_and_dated_by_the_next_audit_and_is_gone_once_it_is_put_back(drill):
    results = list(drill.run())
    assert [result.name for result in results if not result.is_caught] == []
    assert len(results) == len(MANIPULATIONS)
    assert {finding["kind"] for finding in drill.audit()["findings"]} == {"digest"}, "only digests cannot be put back"


@pytest.fixture
def fresh(tmp_path):
    ground = DiskGround(tmp_path)
    made = Drill(ground)
    list(made.build(60))
    yield made
    made.close()
    ground.close()


def test_what_changes_nothing_is_not_caught(fresh):
    """Else the drill would say that it caught whatever it is told to look for."""

    def rewrite(scene):
        key = scene.accounts()[0]
        named = {"kind": "document", "documentId": key.sort, "text": ""}
        return Attempt(named, {key: write_current(scene.current(key))})

    [result] = fresh.run([Manipulation("write what is there", rewrite)])
    assert (result.is_caught, result.named, result.report["findingCount"]) == (False, None, 0)
    assert "NOT CAUGHT" in transcript.told(1, 1, result)


def test_a_manipulation_that_the_notary_had_to_refuse_and_did_not_is_not_caught(fresh):
    manipulation = next(each for each in MANIPULATIONS if each.name == "change a balance")
    [result] = fresh.run([manipulation._replace(is_refused=True)])
    assert (result.is_caught, result.named is not None) == (False, True)


def test_a_transcript_says_what_where_and_since_when(fresh):
    manipulation = next(each for each in MANIPULATIONS if each.name == "delete the newest blocks")
    [result] = fresh.run([manipulation])
    told = transcript.told(1, 1, result).splitlines()
    assert told[0] == "1/1 delete the newest blocks"
    begins = [line[3:10].strip() for line in told if line[3:10].strip()]
    assert begins[1:] == ["done", "notary", "what", "where", "since", "audit"]
    assert told[-1].endswith(": caught")


@pytest.mark.parametrize("endpoint", ["https://dynamodb.eu-central-1.amazonaws.com", "", "http://10.0.0.1:4566"])
def test_only_a_cloud_on_this_machine_is_damaged(endpoint):
    with pytest.raises(NotLoopbackError):
        DeployedGround(endpoint, {})


def run(*arguments, **environment):
    command = [sys.executable, "-m", "drill", *arguments]
    return subprocess.run(
        command, cwd=paths.ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def test_outputs_without_an_auditor_are_said_in_one_line(tmp_path):
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({"captable1-ledger": {"QLDBLedgerName": "captable1", "LedgerTableName": "t"}}))
    done = run("--outputs", str(outputs), AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the outputs lack 'DigestBucket': is the evidence stack deployed?\n"


@pytest.mark.skipif(not DEEP, reason="deploys, and audits a thousand transactions 70 times: make deep runs it")
@pytest.mark.timeout(3600)
def test_the_deployed_ledger_with_a_thousand_transactions_catches_them_all(record_property):
    done = subprocess.run(
        [sys.executable, "-m", "local", "tamper-drill"], cwd=paths.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    last = done.stdout.rstrip().splitlines()[-1]
    assert last.startswith(f"{len(MANIPULATIONS)} of {len(MANIPULATIONS)} manipulations were caught and named")
    record_property("tamper drill on the deployed ledger", last)
