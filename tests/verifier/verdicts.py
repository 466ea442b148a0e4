"""What our verifier and the two for auditors say of the same thing; they must say the same."""

import atexit
import importlib.util
import json
from functools import cache
from pathlib import Path

from ledger import ion
from ledger.control.addresses import tip_addresses
from ledger.verification.block import verify_block
from ledger.verification.chain import ChainCheck
from ledger.verification.revision import verify_revision
from ledger.verification.shapes import NotProvenError
from tests.verifier.javascript import JavaScript, NotProven

PATH = Path(__file__).parents[2] / "verifier" / "verify.py"


def _loaded():
    spec = importlib.util.spec_from_file_location("second_verifier", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


second = _loaded()


def is_proven(kind, value, proof, digest):
    """Whether a revision or a block, with its proof as Ion, is under the digest: the verdict of all verifiers."""
    verify = {"revision": verify_revision, "block": verify_block}[kind]
    try:
        ours = bool(list(verify(value, proof, digest)))
    except NotProvenError:
        ours = False
    try:
        theirs = bool(list(second.answer({kind: value, "proof": proof}, {"digest": digest})))
    except Exception:  # it has no errors of its own: whatever stops it is a verdict
        theirs = False
    assert ours == theirs, f"ours says {ours}, the second verifier {theirs}, of {ion.text(value)}"
    in_javascript = _is_proven_in_javascript(kind, value, proof, digest)
    assert ours == in_javascript, f"ours says {ours}, the one in JavaScript {in_javascript}, of {ion.text(value)}"
    return ours


def _is_proven_in_javascript(kind, value, proof, digest):
    given = json.dumps({kind: ion.text(value), "proof": ion.text(proof)})
    try:
        return bool(_javascript().steps(given, ion.text({"digest": digest})))
    except NotProven:
        return False


@cache
def _javascript():
    asked = JavaScript()
    atexit.register(asked.close)
    return asked


def is_whole(blocks, digest=None):
    """Whether these blocks are a chain, and those of the digest if one is given: the verdict of both verifiers."""
    blocks = [ion.loads(ion.dumps(block)) for block in blocks]
    return _both(lambda: _our_chain(blocks, digest), lambda: _second_chain(blocks, digest))


def _our_chain(blocks, digest):
    tips = () if digest is None else tips_of(digest)
    check = ChainCheck(tips)
    for block in blocks:
        check.take(block)
    if digest is not None:
        check.close(digest.digest)


def tips_of(digest):
    value = ion.parse(digest.tip_address)
    addresses = value if isinstance(value, list) else [value]
    return tip_addresses(digest.tip_address, [str(each["strandId"]) for each in addresses])


def _second_chain(blocks, digest):
    given = digest and {"digest": digest.digest, "digestTipAddress": digest.tip_address}
    list(second.chain(blocks, given))


def _both(ours, theirs):
    verdicts = []
    for verify in (ours, theirs):
        try:
            verify()
            verdicts.append(True)
        except Exception:
            verdicts.append(False)
    assert verdicts[0] == verdicts[1], f"ours says {verdicts[0]}, the second verifier {verdicts[1]}"
    return verdicts[0]
