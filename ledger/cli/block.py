"""Print a block of the journal, with the proof that a digest covers it if one is given."""

import argparse
from pathlib import Path

from ledger import ion
from ledger.cli import answer, digest_file
from ledger.cli.journal import opened_journal
from ledger.cli.places import add_place_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser, endpoint=True)
    parser.add_argument(
        "--block-address", metavar="ION", required=True, help="""such as '{strandId:"...",sequenceNo:7}'"""
    )
    parser.add_argument("--digest", metavar="FILE", type=Path, help="prove that the digest in FILE covers the block")
    parser.add_argument("--json", action="store_true", help="print JSON, as verifier/verify.py reads it")


def run(options: argparse.Namespace) -> int:
    """Print the block."""
    kept = options.digest and digest_file.read(options.digest)
    with opened_journal(options) as journal:
        block, proof = journal.block(options.block_address, kept.tip_address if kept else None)
    if options.json:
        print(answer.to_json("block", block, proof, kept))
    else:
        print(ion.text(block))
        if proof is not None:
            print(ion.text(proof))
    return 0
