"""Reading the command line, and turning errors into one clear line and an exit code."""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from ledger.cli import (
    block,
    console,
    create,
    digest,
    export,
    fsck,
    history,
    query,
    rebuild,
    replay,
    serve,
    verify,
)
from ledger.cli.arguments import MixedParser
from ledger.cli.errors import UsageError
from ledger.errors import ApiError, QldbError
from ledger.ion import IonError
from ledger.settings import LedgerNotFoundError
from ledger.store import StoreError

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
_COMMANDS = (create, query, serve, console, digest, verify, history, block, export, replay, fsck, rebuild)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed or findings, 2 wrong usage, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        _complain(error)
        return USAGE
    except (LedgerNotFoundError, StoreError, QldbError, ApiError, IonError, ValueError) as error:
        _complain(error)
    except ClientError as error:
        _complain(error.response["Error"]["Message"])
    except BotoCoreError as error:
        _complain(error)
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        return INTERRUPTED
    return FAILED


def _complain(error: object) -> None:
    print(f"error: {error}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ledger", description="A QLDB-compatible ledger, in a folder or in a DynamoDB table."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=MixedParser)
    for command in _COMMANDS:
        name = command.__name__.rpartition(".")[2]
        text = (command.__doc__ or "").strip()
        added = commands.add_parser(name, help=text.splitlines()[0], description=text)
        added.set_defaults(run=command.run)
        command.add_arguments(added)
    return parser
