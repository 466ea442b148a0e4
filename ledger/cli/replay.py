"""Publish the journal of a time once more to a Kinesis data stream, as a journal stream does.

Blocks come in causal order, without the records that begin and end a stream. Rights and endpoint are those of the
environment (AWS_ENDPOINT_URL, or --endpoint-url). A replay that is interrupted says how to go on.
"""

import argparse
import json
import shlex
import sys
from contextlib import closing
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from ledger import clock, settings
from ledger.cli.arguments import instant
from ledger.cli.aws import client_of
from ledger.cli.errors import UsageError
from ledger.cli.places import add_store_arguments, only_ledger, opened_store
from ledger.cli.progress import shown_progress
from ledger.cli.replaying import Replay
from ledger.errors import ApiError
from ledger.store import StoreError

_CARRIED = """
The records carry the ARN of the ledger's live journal stream into the same data stream; without one, that of a stream
that never was, with a new id. Consumers may get what they had already, as from any journal stream.
"""
_FAILURES = (KeyboardInterrupt, ApiError, StoreError, BotoCoreError, ClientError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.epilog = _CARRIED
    add_store_arguments(parser)
    parser.add_argument("--ledger", metavar="NAME", help="the ledger's name (default: the only one in DIR)")
    parser.add_argument("--from", dest="start", metavar="T", type=instant, required=True, help="first instant")
    parser.add_argument("--to", dest="end", metavar="T", type=instant, help="first not to replay (default: now)")
    parser.add_argument("--stream", metavar="NAME", required=True, help="the Kinesis data stream to publish to")
    parser.add_argument("--aggregated", action="store_true", help="pack records as the Kinesis Producer Library does")
    parser.add_argument("--endpoint-url", metavar="URL", help="the Kinesis endpoint (default: that of the environment)")
    parser.add_argument("--json", action="store_true", help="print what was published as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Replay, and say how much was published."""
    options.ledger = options.ledger or only_ledger(options)
    options.end = _checked_end(options)
    with opened_store(options) as store, closing(client_of("kinesis", options.endpoint_url, attempts=1)) as client:
        replay = Replay(store, settings.load(store, options.ledger), options.start, options.end)
        kinesis_arn = client.describe_stream_summary(StreamName=options.stream)["StreamDescriptionSummary"]["StreamARN"]
        try:
            with shown_progress() as progress:
                replay.run(client, kinesis_arn, aggregated=options.aggregated, progress=progress)
        except _FAILURES:
            _tell_how_to_go_on(replay, options)
            raise
    _tell(replay, options)
    return 0


def _checked_end(options: argparse.Namespace) -> datetime:
    now = clock.now()
    end: datetime = options.end or now
    if end > now:
        raise UsageError(f"--to is {clock.write(end)}, in the future: leave it out, and it is now")
    if options.start >= end:
        raise UsageError(f"--from is {clock.write(options.start)}: give a time before {clock.write(end)}")
    return end


def _tell(replay: Replay, options: argparse.Namespace) -> None:
    if options.json:
        times = {"from": clock.write(options.start), "to": clock.write(options.end)}
        counts = {"blocks": replay.blocks, "records": replay.records}
        print(json.dumps({"ledger": options.ledger, "stream": options.stream, **times, **counts}))
    else:
        print(f"{replay.blocks} blocks of ledger {options.ledger}, {replay.records} records, are in {options.stream}")


def _tell_how_to_go_on(replay: Replay, options: argparse.Namespace) -> None:
    print(f"{replay.blocks} blocks, {replay.records} records were published; to go on:", file=sys.stderr)
    place = ["--data", str(options.data)] if options.data else ["--store", options.store]
    endpoint = ["--endpoint-url", options.endpoint_url] if options.endpoint_url else []
    flags = [flag for flag, wanted in (("--aggregated", options.aggregated), ("--json", options.json)) if wanted]
    times = ["--from", clock.write(replay.position()), "--to", clock.write(options.end)]
    command = ["replay", *times, "--stream", options.stream, "--ledger", options.ledger, *place, *endpoint, *flags]
    print(f"python -m ledger {shlex.join(command)}", file=sys.stderr)
