"""Where a long command notes how far it got: a file that is there only while the command is not done."""

import argparse
import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.audit import Check
from ledger.cli.places import table_name


def add_checkpoint_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says where the file is."""
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        type=Path,
        help="where it is noted how far this got, to go on there after an interruption "
        "(default: a file beside the ledger's, or for a table in ~/.cache/ledger)",
    )


@contextmanager
def checkpoint(options: argparse.Namespace, command: str) -> Iterator[Path]:
    """Give the path of the file, and remove the file when the command has come to its end."""
    path: Path = options.checkpoint or _default(options, command)
    path.parent.mkdir(parents=True, exist_ok=True)
    yield path
    path.unlink(missing_ok=True)


def tell_of_interruption(check: Check, file: Path) -> None:
    """Say if this goes on with what was begun before."""
    if check.was_interrupted:
        blocks = check.expected.blocks()
        print(f"going on after {blocks} blocks where it was interrupted; to begin anew, remove {file}", file=sys.stderr)


def _default(options: argparse.Namespace, command: str) -> Path:
    table = table_name(options)
    if table is None:
        return Path(options.data) / f".{options.ledger}.{command}"
    # A table's name or ARN and a ledger's name make a file name only when they are hashed.
    name = hashlib.sha256(f"{table}\0{options.ledger}".encode()).hexdigest()[:32]
    return Path.home() / ".cache" / "ledger" / f"{name}.{command}"
