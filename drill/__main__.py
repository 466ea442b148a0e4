"""The tamper drill.

    make tamper-drill
    python -m drill --outputs FILE | --data DIR [--transactions N]

Lets a ledger live through a thousand transactions, a notary and an auditor watching over it, and then changes its past
in every way that somebody with the right to write to the table can think of. Each is put back, but for what lies under
Object Lock. Exit code 0: each manipulation was noticed and named by the next audit; 1: not; 2: it could not be tried.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from drill import transcript
from drill.deployed import DeployedGround, NotLoopbackError
from drill.disk import DiskGround
from drill.drill import MANIPULATIONS, Drill
from drill.ground import Ground


def main() -> int:
    """Make the drill, and tell of it."""
    options = _parser().parse_args()
    try:
        with _ground(options) as ground, closing(Drill(ground)) as drill:
            return _perform(drill, ground.ledger, options.transactions)
    except (NotLoopbackError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyError as error:
        print(f"error: the outputs lack {error}: is the evidence stack deployed?", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ground = parser.add_mutually_exclusive_group(required=True)
    ground.add_argument(
        "--outputs", metavar="FILE", type=Path, help="of the stacks deployed to the local cloud of AWS_ENDPOINT_URL"
    )
    ground.add_argument("--data", metavar="DIR", type=Path, help="make it on SQLite, in this folder; - vanishes")
    parser.add_argument("--transactions", metavar="N", type=_count, default=1000, help="in the ledger's past (1000)")
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= 100):
        raise argparse.ArgumentTypeError(f"{text!r} is too few for a past; give a number from 100 on")
    return int(text)


def _perform(drill: Drill, ledger: str, transactions: int) -> int:
    begun = time.monotonic()
    _say(f"ledger {ledger}: {transactions} transactions, a digest notarised after each tenth of them")
    for done in drill.build(transactions):
        _say(f"   {done} transactions")
    sound = drill.audit()
    _say(f"   audit: {transcript.audited(sound)}\n")
    caught, quiet = 0, not sound["findingCount"]
    for number, result in enumerate(drill.run(), 1):
        _say(transcript.told(number, len(MANIPULATIONS), result))
        caught += result.is_caught
    left = drill.audit()["findings"]
    quiet = quiet and all(finding["kind"] == "digest" for finding in left)
    _say(f"left, since digests cannot be put back: {len(left)} findings, {'all' if quiet else 'NOT ALL'} about digests")
    _say(f"{caught} of {len(MANIPULATIONS)} manipulations were caught and named, in {time.monotonic() - begun:.0f} s")
    return 0 if caught == len(MANIPULATIONS) and quiet else 1


def _say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def _ground(options: argparse.Namespace) -> Iterator[Ground]:
    with ExitStack() as stack:
        if options.outputs is not None:
            outputs = json.loads(options.outputs.read_text())
            deployed = DeployedGround(os.environ.get("AWS_ENDPOINT_URL", ""), outputs)
            yield stack.enter_context(closing(deployed))
            return
        vanishes = str(options.data) == "-"
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) if vanishes else options.data
        yield stack.enter_context(closing(DiskGround(folder)))


if __name__ == "__main__":
    sys.exit(main())
