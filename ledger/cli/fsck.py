"""Check every hash, and everything derived, against the journal."""

import argparse
import sys

from ledger.audit import audit
from ledger.cli.places import add_place_arguments, opened_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print each finding on a line; return 1 if there are any."""
    with opened_store(options) as store:
        findings = list(audit(store, options.ledger))
    for where, what in findings:
        print(f"{where}: {what}")
    if findings:
        print(f"error: {len(findings)} finding(s) in ledger {options.ledger}", file=sys.stderr)
        return 1
    print(f"ledger {options.ledger}: journal, documents, history and indexes agree")
    return 0
