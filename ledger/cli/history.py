"""Print every revision of a document, oldest first, one a line: where it is, its hash, its data and its metadata."""

import argparse

from ledger import ion
from ledger.cli.places import add_place_arguments, opened_store
from ledger.cli.shell.json_text import json_text
from ledger.control.history import revisions
from ledger.ledger import Ledger


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser)
    parser.add_argument("--document", metavar="ID", required=True, help="the document's id, metadata.id")
    parser.add_argument("--json", action="store_true", help="print JSON instead of Ion; hashes become base64")


def run(options: argparse.Namespace) -> int:
    """Print the revisions as they are read."""
    written = json_text if options.json else ion.text
    with opened_store(options) as store:
        for revision in revisions(Ledger(store, options.ledger), options.document):
            print(written(revision.to_ion()))
    return 0
