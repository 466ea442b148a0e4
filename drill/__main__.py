"""The tamper drill.

    python -m drill [--transactions N] [--data DIR | --store dynamodb://TABLE --bucket BUCKET --key ARN]

Makes a ledger with a past, lets a notary and an auditor watch over it, and then changes the past in every way that
somebody with the right to write to the table can think of. Without --data it takes place in a cloud on this machine:
the one that AWS_ENDPOINT_URL names, or one of its own. Exit code 0: each manipulation was noticed and named; 1: not.
"""

import argparse
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from drill.drill import Drill, Result
from drill.ground import Ground, NotLoopbackError, Resources, in_cloud, on_disk
from drill.wallet import live

_DYNAMODB = "dynamodb://"


def main() -> int:
    """Make the drill, and tell of it."""
    parser = argparse.ArgumentParser(
        prog="drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--transactions", metavar="N", type=int, default=1000, help="in the ledger's past (1000)")
    parser.add_argument(
        "--data", metavar="DIR", type=Path, help="make it on SQLite, in this folder; - for one that vanishes"
    )
    parser.add_argument("--store", metavar=f"{_DYNAMODB}TABLE", help="a table that is there (default: a new one)")
    parser.add_argument("--bucket", help="with Object Lock (default: a new one)")
    parser.add_argument("--key", metavar="ARN", help="of a KMS key ECC_NIST_P256 (default: a new one)")
    options = parser.parse_args()
    ledger = f"drill-{uuid.uuid4().hex[:8]}"
    try:
        with _ground(options, ledger) as ground:
            return _perform(ground, ledger, options.transactions)
    except NotLoopbackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _perform(ground: Ground, ledger: str, transactions: int) -> int:
    print(f"ledger {ledger}: {transactions} transactions on 4 strands, a digest notarised after every tenth of them")
    drill = Drill(ground, live(ledger, transactions))
    sound = drill.sound
    print(f"audited: {sound.blocks} blocks, {sound.digests} digests, {sound.finding_count} findings\n")
    results = []
    for number, result in enumerate(drill.run(), 1):
        results.append(result)
        _tell(number, result)
    left = drill.after().finding_count
    print(f"everything put back: {left} findings")
    caught = sum(result.is_caught for result in results)
    print(f"{caught} of {len(results)} manipulations were noticed and named")
    return 0 if caught == len(results) and not left and not sound.finding_count else 1


def _tell(number: int, result: Result) -> None:
    print(f"{number}. {result.name}" + (f" ({result.cells} cells written)" if result.cells else ""))
    print(f"   notary:  {'refuses: ' + result.refusal if result.refusal else 'nothing to sign'}")
    print(f"   auditor: {result.finding_count} finding(s)")
    named = result.named
    if named is not None:
        since = named["since"]
        print(f"   what:    {named['what']}")
        print(f"   where:   {named['where']}" + (f", table {named['table']}" if "table" in named else ""))
        print(f"   since:   after digest {since['number']} of {since['date']}, before {named['found']}")
    print(f"   {'caught' if result.is_caught else 'NOT CAUGHT'}\n")


@contextmanager
def _ground(options: argparse.Namespace, ledger: str) -> Iterator[Ground]:
    with ExitStack() as stack:
        if options.data is not None:
            is_kept = str(options.data) != "-"
            folder = options.data if is_kept else Path(stack.enter_context(tempfile.TemporaryDirectory()))
            yield stack.enter_context(on_disk(folder, ledger))
            return
        table = options.store and options.store.removeprefix(_DYNAMODB)
        given = Resources(table, options.bucket, options.key)
        yield stack.enter_context(in_cloud(_cloud(stack), ledger, given))


def _cloud(stack: ExitStack) -> Mapping[str, Any]:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        return {"endpoint_url": endpoint}
    from local.cloud import running_cloud  # noqa: PLC0415 - not needed, and perhaps not installed, otherwise

    return stack.enter_context(running_cloud()).client_options()


if __name__ == "__main__":
    sys.exit(main())
