"""Create a ledger; one that is there is left as it is."""

import argparse

from ledger import settings
from ledger.cli.places import add_place_arguments, opened_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser)
    parser.add_argument("--strands", type=int, default=1, help="commits that can happen at once (default: 1, as QLDB)")


def run(options: argparse.Namespace) -> int:
    """Create the ledger and say what it is."""
    with opened_store(options, create=True) as store:
        created = settings.create(store, options.ledger, strands=options.strands)
    print(f"ledger {created.name}: {len(created.strands)} strand(s), created {created.created:%Y-%m-%d %H:%M:%S} UTC")
    return 0
