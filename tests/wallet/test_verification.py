"""What the wallet proves: answers that stand on their own, and what is refused."""

import json
import subprocess
import sys
from base64 import b64decode
from types import SimpleNamespace

import pytest

from lambdas.wallet import handlers
from lambdas.wallet.verification import Verification
from ledger import driver as ledger_driver
from ledger import ion
from ledger.ledger import Ledger
from ledger.store import Throttled, Unavailable
from tests.verifier.verdicts import PATH as SECOND_VERIFIER
from tests.verifier.verdicts import is_proven
from tests.wallet.events import post
from tests.wallet.ledgers import ANA, BOB, LEDGER_NAME, add, journal_length, open_account, transfer, withdraw

CALLS = {"digest": handlers.digest, "verify": handlers.verify}


@pytest.fixture
def ledger(store):
    return Ledger(store, LEDGER_NAME)


@pytest.fixture
def api(ledger, monkeypatch):
    """Calls digest or verify and gives status and body."""
    with ledger_driver.driver_of(ledger) as driver:
        verification = Verification(ledger, driver)
        monkeypatch.setattr(handlers, "verification", lambda: verification)

        def invoke(call, body):
            result = CALLS[call](post(body), SimpleNamespace())
            return result["statusCode"], json.loads(result["body"])

        yield invoke


@pytest.fixture
def accounts(wallet):
    open_account(wallet, ANA, "250")
    open_account(wallet, BOB)
    withdraw(wallet, ANA, "125")
    transfer(wallet, ANA, BOB, "25.50")


def judged(answer, digest=None):
    """The verdict of both verifiers on an answer of verify."""
    revision, proof = (ion.parse(answer[name]) for name in ("revision", "proof"))
    return is_proven("revision", revision, proof, b64decode((digest or answer)["digest"]))


def second(*paths):
    done = subprocess.run([sys.executable, SECOND_VERIFIER, *paths], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.mark.usefixtures("accounts")
def test_every_version_of_an_account_is_proven(api):
    for version, balance in enumerate(["0.00", "250.00", "125.00", "99.50"]):
        status, answer = api("verify", {"email": ANA, "version": version})
        assert status == 200
        assert judged(answer)
        revision = ion.parse(answer["revision"])
        assert ion.text(revision["data"]["CurrentBalance"]) == balance
        assert (revision["metadata"]["id"], revision["metadata"]["version"]) == (answer["documentId"], version)
        assert {**answer, "revision": "", "proof": "", "digest": "", "digestTipAddress": "", "documentId": ""} == {
            "email": ANA,
            "documentId": "",
            "version": version,
            "ledger": LEDGER_NAME,
            "revision": "",
            "proof": "",
            "digest": "",
            "digestTipAddress": "",
        }


@pytest.mark.usefixtures("accounts")
def test_without_a_version_it_is_the_newest(api):
    assert api("verify", {"email": " Ana@Example.com "})[1]["version"] == 3


@pytest.mark.usefixtures("accounts")
def test_a_digest_that_was_kept_proves_what_it_covers_and_nothing_younger(api, wallet):
    kept = api("digest", {})[1]
    assert list(kept) == ["digest", "digestTipAddress", "ledger", "date"]
    add(wallet, ANA, "1")
    tip = {"digestTipAddress": kept["digestTipAddress"]}
    status, answer = api("verify", {"email": ANA, "version": 3, **tip})
    assert status == 200
    assert answer["digest"] == kept["digest"]
    assert judged(answer, kept)
    status, newest = api("verify", {"email": ANA})
    assert newest["version"] == 4
    assert judged(newest)
    assert not judged(newest, kept)


def test_revision_that_is_younger_than_the_digest_is_refused_naming_the_field(api, wallet, ledger):
    open_account(wallet, ANA)
    kept = api("digest", {})[1]
    add(wallet, ANA, "1")
    status, answer = api("verify", {"email": ANA, "digestTipAddress": kept["digestTipAddress"]})
    assert (status, answer["field"]) == (400, "digestTipAddress")
    assert "younger than the revision" in answer["message"]


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"email": "nobody@example.com"}, 404, "email"),
        ({"email": ANA, "version": 4}, 404, "version"),
        ({"email": ANA, "version": 10**9}, 404, "version"),
        ({"email": ANA, "version": -1}, 400, "version"),
        ({"email": ANA, "version": 1.5}, 400, "version"),
        ({"email": ANA, "version": "1"}, 400, "version"),
        ({"email": ANA, "version": True}, 400, "version"),
        ({"email": ANA, "version": None}, 400, "version"),
        ('{"email":"ana@example.com","version":1e999999}', 400, "version"),
        ('{"email":"ana@example.com","version":NaN}', 400, "version"),
        ({"email": ANA, "digestTipAddress": 5}, 400, "digestTipAddress"),
        ({"email": ANA, "digestTipAddress": "{"}, 400, "digestTipAddress"),
        ({"email": ANA, "digestTipAddress": '{strandId:"x",sequenceNo:1}'}, 400, "digestTipAddress"),
        ({"email": "x"}, 400, "email"),
        ({}, 400, "email"),
    ],
)
def test_what_cannot_be_proven_is_refused_naming_the_field(api, body, status, field):
    got, answer = api("verify", body)
    assert (got, answer["field"], answer["statuscode"]) == (status, field, status)
    assert "nobody" not in answer["message"]


def test_digest_takes_no_field_but_the_number_of_a_notarised_one(api):
    status, answer = api("digest", {"email": ANA})
    assert status == 400
    assert answer["message"] == 'unknown field "email"; this call takes digestNumber (optional)'


@pytest.mark.usefixtures("accounts")
def test_proving_writes_nothing(api, store):
    before, writes = journal_length(store), store.writes
    api("digest", {})
    api("verify", {"email": ANA})
    api("verify", {"email": ANA, "version": 9})
    assert (journal_length(store), store.writes) == (before, writes)


@pytest.mark.parametrize("error", [Throttled("too busy"), Unavailable("not there")])
def test_a_store_that_is_too_busy_for_proofs_is_503(api, ledger, monkeypatch, error):
    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(ledger.store, "scan", fail)
    status, answer = api("digest", {})
    assert (status, answer["statuscode"]) == (503, 503)


@pytest.mark.usefixtures("accounts")
def test_the_answer_as_a_file_is_proven_by_the_second_verifier_and_a_changed_digest_is_not(api, tmp_path):
    answer = api("verify", {"email": ANA})[1]
    kept, path, changed = api("digest", {})[1], tmp_path / "answer.json", tmp_path / "changed.json"
    path.write_text(json.dumps(answer))
    digest = answer["digest"]
    changed.write_text(json.dumps({**answer, "digest": ("B" if digest[0] == "A" else "A") + digest[1:]}))
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    code, out = second(path)
    assert (code, out.splitlines()[-1]) == (0, "ok")
    assert second(path, tmp_path / "kept.json")[0] == 0
    code, out = second(changed)
    assert code == 1
    assert out.splitlines()[-1].startswith(
        "NOT PROVEN: the digest = that hash, folded with each hash of the proof: given is "
    )
