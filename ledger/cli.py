"""The command line of the ledger: make one in a file, run a statement on it, check it."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import ClientError

from ledger import ion, settings
from ledger.audit import audit
from ledger.driver import connect
from ledger.settings import LedgerNotFoundError
from ledger.store import DynamoDBStore, SQLiteStore, Store, StoreError

OK, FAILED, USAGE = 0, 1, 2
_DYNAMODB = "dynamodb://"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed or findings, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        with _store(options) as store:
            return int(options.command(store, options))
    except (LedgerNotFoundError, StoreError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
    except ClientError as error:
        print(f"error: {error.response['Error']['Message']}", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    return FAILED


def _create(store: Store, options: argparse.Namespace) -> int:
    created = settings.create(store, options.ledger, strands=options.strands)
    print(
        f"ledger {created.name} with {len(created.strands)} strand(s), created {created.created:%Y-%m-%d %H:%M:%S} UTC"
    )
    return OK


def _query(store: Store, options: argparse.Namespace) -> int:
    parameters = [ion.parse(text) for text in options.parameters]
    with connect(options.ledger, store) as driver:
        rows = driver.execute_lambda(lambda txn: list(txn.execute_statement(options.statement, *parameters)))
    for row in rows:
        print(ion.text(row))
    return OK


def _fsck(store: Store, options: argparse.Namespace) -> int:
    findings = list(audit(store, options.ledger))
    for where, what in findings:
        print(f"{where}: {what}")
    if findings:
        print(f"error: {len(findings)} finding(s) in ledger {options.ledger}", file=sys.stderr)
        return FAILED
    print(f"ledger {options.ledger}: journal, documents, history and indexes agree")
    return OK


@contextmanager
def _store(options: argparse.Namespace) -> Iterator[Store]:
    target: str = options.store
    if target.startswith(_DYNAMODB):
        store: Store = DynamoDBStore(target.removeprefix(_DYNAMODB), namespace=options.ledger)
    elif options.command is not _create and not Path(target).is_file():
        raise LedgerNotFoundError(f"no file {target}: create a ledger there first (python -m ledger create)")
    else:
        store = SQLiteStore(target)
    try:
        yield store
    finally:
        store.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ledger", description="A QLDB-compatible ledger, in one file or in a DynamoDB table."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    create = _command(commands, "create", _create, "create a ledger; one that is there is left as it is")
    create.add_argument("--strands", type=int, default=1, help="commits that can happen at once (default: 1)")
    query = _command(commands, "query", _query, "run one PartiQL statement and print a row a line, as Ion")
    query.add_argument("statement", metavar="STATEMENT", help="for example: SELECT * FROM Person WHERE Name = ?")
    query.add_argument(
        "parameters", metavar="PARAMETER", nargs="*", help="an Ion value for each ?, for example '\"Ann\"'"
    )
    _command(commands, "fsck", _fsck, "check every hash, and everything derived, against the journal")
    return parser


def _command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: object, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(command=run)
    command.add_argument("store", metavar="STORE", help="a file, or dynamodb://TABLE")
    command.add_argument("ledger", metavar="LEDGER", help="the ledger's name")
    return command
