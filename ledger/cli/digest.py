"""Print the digest of a ledger, one hash over its whole journal, or save it for verifying against it later."""

import argparse
from pathlib import Path

from ledger import clock
from ledger.cli import digest_file
from ledger.cli.journal import opened_journal
from ledger.cli.places import add_place_arguments
from ledger.record import encode_bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser, endpoint=True)
    parser.add_argument("--save", metavar="FILE.ion.txt", type=Path, help="keep it in a new file, away from the ledger")
    parser.add_argument("--json", action="store_true", help="print what such a file holds")


def run(options: argparse.Namespace) -> int:
    """Get the digest, print it, and save it."""
    with opened_journal(options) as journal:
        digest = journal.digest()
    kept = digest_file.of(digest, options.ledger, clock.now())
    if options.save:
        digest_file.save(kept, options.save)
    if options.json:
        print(digest_file.to_json(kept))
    else:
        print(f"digest: {encode_bytes(kept.digest)}")
        print(f"digestTipAddress: {kept.tip_address}")
        print(f"ledger: {kept.ledger}")
        print(f"date: {kept.date}")
    return 0
