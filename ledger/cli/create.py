"""Create a ledger; one that is there is left as it is."""

import argparse
import json

from ledger import clock, settings
from ledger.cli.places import add_place_arguments, opened_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser)
    parser.add_argument("--strands", type=int, default=1, help="commits that can happen at once (default: 1, as QLDB)")
    parser.add_argument("--json", action="store_true", help="print the ledger as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Create the ledger and say what it is."""
    with opened_store(options, create=True) as store:
        created = settings.create(store, options.ledger, strands=options.strands)
    if options.json:
        shown = {"ledger": created.name, "strands": created.strands, "created": clock.write(created.created)}
        print(json.dumps(shown))
    else:
        print(
            f"ledger {created.name}: {len(created.strands)} strand(s), created {created.created:%Y-%m-%d %H:%M:%S} UTC"
        )
    return 0
