"""verify --receipt: with files as the API has answered them, without a ledger, a network or boto3."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli.main import main
from ledger.notary.signing import LocalSigner
from tests.cli.conftest import Outcome

ROOT = Path(__file__).parents[2]
PATHS = json.loads((ROOT / "lambdas" / "wallet" / "openapi.json").read_text())["paths"]
OFFLINE = """
import socket, sys
for name in ("boto3", "botocore", "pyqldb", "starlette", "uvicorn"):
    sys.modules[name] = None
socket.socket = None
from ledger.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def answer(path):
    """The example of an answer in the OpenAPI document, which is a real one."""
    return PATHS[path]["post"]["responses"]["200"]["content"]["application/json"]["example"]


@pytest.fixture
def files(tmp_path):
    """An answer of /proof, one of /digest, and the key, as a customer saves them."""
    paths = {name: tmp_path / name for name in ("proof.json", "digest.json", "key.pem")}
    paths["proof.json"].write_text(json.dumps(answer("/proof")))
    paths["digest.json"].write_text(json.dumps(answer("/digest")))
    paths["key.pem"].write_text(answer("/digest")["notarised"]["publicKey"])
    return paths


def arguments(files):
    return [
        "verify",
        *("--receipt", str(files["proof.json"])),
        *("--digest", str(files["digest.json"])),
        *("--public-key", str(files["key.pem"])),
    ]


@pytest.fixture
def run(files, capsys):
    def command(*more):
        code = main([*arguments(files), *more])
        return Outcome(code, *capsys.readouterr())

    return command


def change(path, **fields):
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_a_receipt_is_verified_step_by_step_and_what_it_says_is_told(run):
    code, out, err = run()
    *steps, told, verdict = out.splitlines()
    assert (code, err, verdict) == (0, "", "verified: the receipt says what the digest covers")
    assert len(steps) == 13
    assert all(step.startswith("ok      ") for step in steps)
    assert told.startswith('ok      this is proven, as it was: {email:"ana@example.com"')
    assert "CurrentBalance:250.00" in told


def test_neither_a_network_nor_boto3_is_needed(files):
    command = [sys.executable, "-c", OFFLINE, *arguments(files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_json_says_the_same(run, files):
    verified = json.loads(run("--json").out)
    assert (verified["verified"], len(verified["steps"])) == (True, 14)
    change(files["proof.json"], version=7)
    failed = run("--json")
    assert failed.code == 1
    assert json.loads(failed.out)["failed"]["name"] == "compare the receipt's fields with its revision"


def test_the_step_that_fails_is_named(run, files):
    proof = json.loads(files["proof.json"].read_text())
    change(files["proof.json"], revision=proof["revision"].replace("250.00", "950.00", 1))
    code, out, err = run()
    assert code == 1
    assert "FAILED  compare the hash of the revision with dot(H(metadata), H(data)): it is given as" in out
    assert err.startswith("error: not verified, step 9 failed: compare the hash of the revision")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "proof.json",
            {"message": "funds added", "receipt": {"ledger": "captable1"}},
            "send the receipt to POST /proof",
        ),
        ("proof.json", {"message": "no digest is notarised yet", "statuscode": 404}, "no digest is notarised yet"),
        ("proof.json", {"ledger": "captable1", "hash": "x"}, "it has no proof yet: send the receipt to POST /proof"),
        ("proof.json", [], "it is not a JSON object"),
        ("proof.json", {**answer("/proof"), "CurrentBalance": 9}, "'CurrentBalance' is no field of a receipt"),
        ("proof.json", {**answer("/proof"), "digestNumber": 9}, "its proof is against digest 9, not digest 0"),
        ("digest.json", {"digest": "x", "ledger": "captable1"}, "ask POST /digest again when the notary has run"),
        ("digest.json", {"statement": "x"}, "it is none, with statement and signature"),
    ],
)
def test_files_that_prove_nothing_say_what_to_do(run, files, name, content, said):
    files[name].write_text(json.dumps(content))
    code, out, _ = run()
    assert code == 1
    assert said in out.splitlines()[-1]


def test_another_key_is_named_as_such(run, files):
    files["key.pem"].write_text(LocalSigner().public_key.to_pem())
    assert "its publicKey is another than the one given" in run().out
    files["key.pem"].write_text("nonsense")
    assert "FAILED  read the public key: not a public key in PEM" in run().out
    files["key.pem"].write_bytes(b"\xff\x00")
    assert run().code == 1


@pytest.mark.parametrize("name", ["proof.json", "digest.json", "key.pem"])
def test_a_file_that_is_not_there_is_wrong_usage(run, files, name):
    files[name].unlink()
    outcome = run()
    assert outcome.code == 2
    assert outcome.err == f"error: {files[name]} cannot be read: No such file or directory\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("captable1",), "leave LEDGER out"),
        (("--data", "x"), "leave --data out"),
        (("--document", "x"), "leave --document out"),
        (("--block-address", "{}"), "leave --block-address out"),
    ],
)
def test_what_belongs_to_a_ledger_is_wrong_usage(run, more, said):
    outcome = run(*more)
    assert outcome.code == 2
    assert said in outcome.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--receipt", "x", "--digest", "x"), "give --public-key FILE"),
        (("--public-key", "x", "--digest", "x"), "give --receipt"),
        (("--digest", "x"), "nothing says which ledger"),
        (("demo", "--digest", "x"), "nothing says which ledger"),
        (("--data", "x", "--digest", "x"), "nothing says which ledger"),
    ],
)
def test_what_is_missing_is_named(capsys, given, said):
    assert main(["verify", *given]) == 2
    assert said in capsys.readouterr().err
