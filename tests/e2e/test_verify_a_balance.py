"""The journey of somebody who trusts a balance to nobody: over HTTP, with files, and the second verifier."""

import json
import subprocess
import sys
from pathlib import Path

import boto3

from ledger import ion
from local import node
from tests.deployment import ONE_CALL
from tests.e2e.test_wallet_api import open_account

ROOT = Path(__file__).parents[2]
SECOND_VERIFIER = ROOT / "verifier" / "verify.py"


def verified(*paths):
    done = subprocess.run([sys.executable, SECOND_VERIFIER, *paths], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout.splitlines()[-1]


def test_a_balance_is_proven_by_files_alone_and_a_changed_character_of_the_digest_is_noticed(deployed, tmp_path):
    email = open_account(deployed, 250)
    answer, kept = tmp_path / "answer.json", tmp_path / "kept.json"
    answer.write_bytes(deployed.call("POST", "/verify", {"email": email}).body)
    kept.write_bytes(deployed.call("POST", "/digest", {}).body)
    assert ion.parse(json.loads(answer.read_text())["revision"])["data"]["CurrentBalance"] == 250
    assert verified(answer) == (0, "ok")

    # Against the digest that was kept, whatever has happened since: by asking for a proof that leads to it.
    deployed.call("POST", "/withdrawfunds", {"email": email, "WithdrawFunds": 100})
    tip = json.loads(kept.read_text())["digestTipAddress"]
    asked = {"email": email, "version": 1, "digestTipAddress": tip}
    answer.write_bytes(deployed.call("POST", "/verify", asked).body)
    assert verified(answer, kept) == (0, "ok")

    digest = json.loads(kept.read_text())["digest"]
    kept.write_text(kept.read_text().replace(digest, ("B" if digest[0] == "A" else "A") + digest[1:]))
    code, last = verified(answer, kept)
    assert code == 1
    assert last.startswith("NOT PROVEN: the digest = that hash, folded with each hash of the proof: given is ")


def notarise(deployed):
    """Call the notary, which otherwise runs every few minutes."""
    name = next(outputs["NotaryFunction"] for outputs in deployed.outputs.values() if "NotaryFunction" in outputs)
    client = boto3.client("lambda", config=ONE_CALL, **deployed.cloud.client_options())
    answer = client.invoke(FunctionName=name)
    assert "FunctionError" not in answer, answer["Payload"].read()
    client.close()


def checked(*paths):
    """What the command line and both small verifiers say of three files, each in an exit code and a last line."""
    receipt, digest, key = paths
    ledger = [sys.executable, "-m", "ledger", "verify", "--receipt", receipt, "--digest", digest, "--public-key", key]
    python = [sys.executable, "-I", ROOT / "verifier" / "receipt.py", *paths]
    script = [node.find().program, ROOT / "verifier" / "receipt.mjs", *paths]
    done = [
        subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
        for command in (ledger, python, script)
    ]
    return [(each.returncode, each.stdout.splitlines()[-1]) for each in done]


def test_a_receipt_is_proven_offline_and_a_changed_character_names_what_failed(deployed, tmp_path):
    email = open_account(deployed, 250)
    body = {"email": email, "AddFunds": 12.5}
    receipt = deployed.call("POST", "/addfunds?receipt=true", body, {"Idempotency-Key": email}).json["receipt"]
    again = deployed.call("POST", "/addfunds?receipt=true", body, {"Idempotency-Key": email})
    assert (again.headers["idempotency-replayed"], again.json["receipt"]) == ("true", receipt)
    early = deployed.call("POST", "/proof", receipt)
    assert (early.status, early.headers["retry-after"]) == (404, "60")

    notarise(deployed)
    proof, digest, key = (tmp_path / name for name in ("proof.json", "digest.json", "key.pem"))
    proof.write_bytes(deployed.call("POST", "/proof", receipt).body)
    number = json.loads(proof.read_text())["digestNumber"]
    digest.write_bytes(deployed.call("POST", "/digest", {"digestNumber": number}).body)
    key.write_text(json.loads(digest.read_text())["notarised"]["publicKey"])
    verified, python, script = checked(proof, digest, key)
    assert verified == (0, "verified: the receipt says what the digest covers")
    assert python == script
    assert python[0] == 0
    assert python[1].startswith("PROVEN, of ")
    assert "CurrentBalance 262.50 PreviousBalance 250.00" in python[1]

    proof.write_text(proof.read_text().replace("CurrentBalance:262.50", "CurrentBalance:962.50"))
    verified, python, script = checked(proof, digest, key)
    assert verified[0] == 1
    assert verified[1].startswith("FAILED  compare the hash of the revision with dot(H(metadata), H(data)): ")
    assert python == script == (1, "NOT PROVEN: hash of the revision = dot(H(metadata), H(data)): given is another")
