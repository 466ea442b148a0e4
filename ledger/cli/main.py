"""Reading the command line, and turning errors into one clear line and an exit code."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from ledger.cli.arguments import MixedParser
from ledger.cli.errors import UsageError
from ledger.errors import ApiError, QldbError
from ledger.ion import IonError
from ledger.settings import LedgerNotFoundError
from ledger.store import StoreError

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
_COMMANDS = (
    "create",
    "query",
    "serve",
    "console",
    "digest",
    "verify",
    "history",
    "block",
    "export",
    "replay",
    "fsck",
    "rebuild",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed or findings, 2 wrong usage, 130 interrupted."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given[:1]).parse_args(given)
    try:
        return int(options.run(options))
    except UsageError as error:
        _complain(error)
        return USAGE
    except (LedgerNotFoundError, StoreError, QldbError, ApiError, IonError, ValueError) as error:
        _complain(error)
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if not _is_of_aws(error):
            raise
        response = getattr(error, "response", None)
        _complain(response["Error"]["Message"] if response else error)
    return FAILED


def _complain(error: object) -> None:
    print(f"error: {error}", file=sys.stderr)


def _is_of_aws(error: Exception) -> bool:
    """Tell whether boto3 has raised it. A command that has no use of it, such as verifying a receipt, works without."""
    known = sys.modules.get("botocore.exceptions")
    return known is not None and isinstance(error, known.BotoCoreError | known.ClientError)


def _parser(named: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser of the command that is named, or of all: a command is imported only if it may be wanted."""
    parser = argparse.ArgumentParser(
        prog="python -m ledger", description="A QLDB-compatible ledger, in a folder or in a DynamoDB table."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=MixedParser)
    for name in [each for each in _COMMANDS if each in named] or _COMMANDS:
        command = import_module(f"ledger.cli.{name}")
        text = (command.__doc__ or "").strip()
        added = commands.add_parser(name, help=text.splitlines()[0], description=text)
        added.set_defaults(run=command.run)
        command.add_arguments(added)
    return parser
