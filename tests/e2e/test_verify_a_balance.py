"""The journey of somebody who trusts a balance to nobody: over HTTP, with files, and the second verifier."""

import json
import subprocess
import sys
from pathlib import Path

from ledger import ion
from tests.e2e.test_wallet_api import open_account

SECOND_VERIFIER = Path(__file__).parents[2] / "verifier" / "verify.py"


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
