"""Verify a revision of a document, or a block, against a digest that was kept, and say each step of it.

Or verify a receipt with files alone, as the wallet's API has answered them: --receipt, --digest and --public-key.

The exit code is 0 if it is verified, 1 if it is not, and 2 if the verification could not begin.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from ledger import ion
from ledger.cli import answer, digest_file, offline
from ledger.cli.digest_file import DigestFile
from ledger.cli.errors import UsageError
from ledger.cli.journal import Journal, opened_journal
from ledger.cli.places import add_place_arguments
from ledger.errors import InvalidParameterException
from ledger.store import Corrupt
from ledger.verification.block import verify_block
from ledger.verification.revision import verify_revision
from ledger.verification.shapes import NotProvenError, Step

_EXAMPLES = """
examples:
  python -m ledger digest vehicles --data DIR --save vehicles.ion.txt
  python -m ledger verify vehicles --data DIR --digest vehicles.ion.txt --document 5PLf9SXwndd63lPaSIa0O6
  python -m ledger verify vehicles --data DIR --digest vehicles.ion.txt --block-address '{strandId:"...",sequenceNo:7}'
  python -m ledger verify --receipt proof.json --digest digest.json --public-key notary.pem
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    add_place_arguments(parser, endpoint=True, required=False)
    parser.add_argument(
        "--digest",
        metavar="FILE",
        type=Path,
        required=True,
        help="what `digest --save` has written, or POST /digest said",
    )
    parser.add_argument("--document", metavar="ID", help="the document's id, metadata.id")
    parser.add_argument("--version", metavar="N", type=int, help="which of its revisions (default: the newest)")
    parser.add_argument("--block-address", metavar="ION", help="the block; with --document, the one with its revision")
    parser.add_argument("--answer", metavar="FILE", type=Path, help="keep what was verified, for verifier/verify.py")
    parser.add_argument(
        "--receipt", metavar="FILE", type=Path, help="what POST /proof said: verify it without a ledger"
    )
    parser.add_argument("--public-key", metavar="FILE", type=Path, help="with --receipt: the notary's key, in PEM")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Verify, and print each step as it is taken."""
    if options.receipt is not None:
        return _told(offline.steps(options), options, "verified: the receipt says what the digest covers")
    _check_arguments(options)
    kept = digest_file.read(options.digest)
    verified = f"verified: it is in ledger {kept.ledger} as it was when the digest was taken, {kept.date}"
    with opened_journal(options) as journal:
        return _told(_steps(journal, kept, options), options, verified)


def _check_arguments(options: argparse.Namespace) -> None:
    if options.public_key is not None:
        raise UsageError("--public-key is of a notary, for a receipt: give --receipt, or leave it out")
    if options.ledger is None or not (options.data or options.store or options.endpoint):
        raise UsageError("nothing says which ledger: give LEDGER, and --data, --store or --endpoint; or give --receipt")
    if options.document is None and (options.block_address is None or options.version is not None):
        raise UsageError("nothing to verify is named: give --document, perhaps with --version, or --block-address")
    if options.version is not None and options.block_address is not None:
        raise UsageError("--version and --block-address both say which revision: give one")


def _told(steps: Iterator[Step], options: argparse.Namespace, verified: str) -> int:
    passed, failure = list[Step](), None
    try:
        for step in steps:
            passed.append(step)
            if not options.json:
                print(f"ok      {step.name}: {step.found}")
    except NotProvenError as error:
        failure = error
    if options.json:
        print(_to_json(passed, failure))
    elif failure is not None:
        print(f"FAILED  {failure}")
    if failure is not None:
        print(f"error: not verified, step {len(passed) + 1} failed: {failure.step}", file=sys.stderr)
        return 1
    if not options.json:
        print(verified)
    return 0


def _steps(journal: Journal, kept: DigestFile, options: argparse.Namespace) -> Iterator[Step]:
    step = "read the digest"
    if kept.ledger != options.ledger:
        raise NotProvenError(step, f"it is of ledger {kept.ledger!r}, not of {options.ledger!r}")
    yield Step(step, f"of {kept.date}, up to {kept.tip_address}")
    kind = "revision" if options.document else "block"
    step = f"get the {kind} and its proof"
    try:
        address = options.block_address or journal.address(options.document, options.version)
        if options.document:
            shown, proof = journal.revision(address, options.document, kept.tip_address)
        else:
            shown, proof = journal.block(address, kept.tip_address)
    except (InvalidParameterException, Corrupt) as error:
        raise NotProvenError(step, str(error)) from error
    if options.answer:
        answer.save(options.answer, answer.to_json(kind, shown, proof, kept))
    yield Step(step, f"from block {address}")
    verify = verify_revision if options.document else verify_block
    yield from verify(_as_sent(shown), _as_sent(proof), kept.digest)


def _as_sent(value: ion.Value) -> ion.Value:
    """Return a value as a client reads it, so that nothing is verified but what clients see."""
    return ion.loads(ion.dumps(value))


def _to_json(passed: list[Step], failure: NotProvenError | None) -> str:
    result: dict[str, object] = {"verified": failure is None, "steps": [step._asdict() for step in passed]}
    if failure is not None:
        result["failed"] = {"name": failure.step, "problem": failure.problem}
    return json.dumps(result, indent=2, ensure_ascii=False)
