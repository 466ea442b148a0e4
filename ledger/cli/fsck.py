"""Check every hash, and everything derived, against the journal.

Exit code 0: all is well. 1: something is wrong, or the check could not be made. 2: wrong usage. A check that is
interrupted goes on where it was when it is started again.
"""

import argparse
import json
import sys
from contextlib import closing

from ledger.audit import Check
from ledger.audit.expected import Expected
from ledger.cli.checkpoints import add_checkpoint_argument, checkpoint, tell_of_interruption
from ledger.cli.places import add_place_arguments, opened_store
from ledger.cli.progress import shown_progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser)
    add_checkpoint_argument(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object: what was checked, and the findings")


def run(options: argparse.Namespace) -> int:
    """Print each finding on a line; return 1 if there are any."""
    with (
        opened_store(options) as store,
        checkpoint(options, "fsck") as file,
        shown_progress() as progress,
        closing(Check(store, options.ledger, checkpoint=file, progress=progress)) as check,
    ):
        tell_of_interruption(check, file)
        check.complete()
        progress.close()
        return _tell(check.expected, options)


def _tell(expected: Expected, options: argparse.Namespace) -> int:
    count = expected.finding_count()
    if options.json:
        _print_json(expected, options.ledger)
        return 1 if count else 0
    for where, what in expected.findings():
        print(f"{where}: {what}")
    if count:
        print(f"error: {count} finding(s) in ledger {options.ledger}", file=sys.stderr)
        return 1
    print(f"ledger {options.ledger}: journal, documents, history and indexes agree")
    return 0


def _print_json(expected: Expected, ledger: str) -> None:
    known = {"ledger": ledger, "blocks": expected.blocks(), "documents": expected.document_count()}
    # The findings are written one by one, for they may be many.
    print(json.dumps(known)[:-1], end=', "findings": [')
    for number, finding in enumerate(expected.findings()):
        print(", " * (number > 0) + json.dumps(finding._asdict()), end="")
    print("]}")
