"""What the ledger's own verification says of a receipt, and the two small verifiers; they must say the same."""

import atexit
import importlib.util
import json
import subprocess
from functools import cache
from pathlib import Path

from ledger.verification.receipt import verify_receipt
from ledger.verification.shapes import NotProvenError
from local import node

PYTHON, SCRIPT = (Path(__file__).parents[2] / "verifier" / name for name in ("receipt.py", "receipt.mjs"))
_PROGRAM = Path(__file__).with_name("asked_receipt.mjs")


def is_proven(receipt, digest, pem):
    """Whether the texts of three files are a receipt, the digest over it, and the key: the verdict of all verifiers."""
    ours, python, script = _ours(receipt, digest, pem), in_python(receipt, digest, pem), in_script(receipt, digest, pem)
    verdicts = {bool(found) and found[-1].startswith("PROVEN") for found in (python, script)} | {ours}
    assert len(verdicts) == 1, (
        f"ours says {ours}, Python {python[-1:]}, JavaScript {script[-1:]}, of {receipt}, {digest}"
    )
    assert python == script
    return ours


def _ours(receipt, digest, pem):
    try:
        return bool(list(verify_receipt(receipt, digest, pem)))
    except NotProvenError:
        return False


def in_python(receipt, digest, pem):
    """The steps that verifier/receipt.py names; the last is the one that fails, unless it says what is proven."""
    named = []
    try:
        named.extend(_take(named, _loaded().steps(receipt, digest, pem)))
    except Exception:  # it has no errors of its own: whatever stops it is a verdict
        return named
    return named


def _take(named, steps):
    for step in steps:
        named.append(step)
    return ()


def in_script(receipt, digest, pem):
    """The same of verifier/receipt.mjs."""
    process = _asked()
    process.stdin.write(json.dumps([receipt, digest, pem]) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())["steps"]


@cache
def _loaded():
    spec = importlib.util.spec_from_file_location("receipt_verifier", PYTHON)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _asked():
    command = [node.find().program, _PROGRAM]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close():
        process.stdin.close()
        process.wait(60)
        process.stdout.close()

    atexit.register(close)
    return process
