"""Where a ledger is, as the command line says it: `--data DIR` or `--store dynamodb://TABLE`."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger import store as stores
from ledger.cli.errors import UsageError
from ledger.settings import LedgerNotFoundError
from ledger.store import Store

_DYNAMODB = "dynamodb://"


class PlaceError(UsageError):
    """The command line does not say where the ledger is."""


def add_place_arguments(parser: argparse.ArgumentParser, *, endpoint: bool = False, required: bool = True) -> None:
    """Add the arguments that say which ledger is meant and where it is.

    Args:
        endpoint: it may be behind a URL too.
        required: the command cannot do without a ledger.
    """
    parser.add_argument("ledger", metavar="LEDGER", nargs=None if required else "?", help="the ledger's name")
    add_store_arguments(parser, endpoint=endpoint, required=required)


def add_store_arguments(parser: argparse.ArgumentParser, *, endpoint: bool = False, required: bool = True) -> None:
    """Add the arguments that say where ledgers are."""
    place = parser.add_mutually_exclusive_group(required=required)
    place.add_argument("--data", metavar="DIR", type=Path, help="a folder with one file per ledger")
    place.add_argument("--store", metavar="dynamodb://TABLE", help="a DynamoDB table")
    if endpoint:
        place.add_argument("--endpoint", metavar="URL", help="a server that speaks QLDB, such as http://127.0.0.1:8182")


def only_ledger(options: argparse.Namespace) -> str:
    """Return the name of the one ledger in the folder.

    Raises:
        PlaceError: there are several, or none, or it is no folder.
    """
    folder: Path | None = options.data
    names = sorted(path.stem for path in folder.glob("*.db")) if folder else []
    if len(names) != 1:
        raise PlaceError(f"give --ledger NAME{': there are ' if names else ''}{', '.join(names)}")
    return names[0]


@contextmanager
def opened_store(options: argparse.Namespace, *, create: bool = False) -> Iterator[Store]:
    """Open the store that the arguments name, and close it afterwards.

    Args:
        create: make the folder and the file if they are not there.

    Raises:
        PlaceError: `--store` is not a DynamoDB table.
        LedgerNotFoundError: there is no such file.
    """
    store = _open(options, create=create)
    try:
        yield store
    finally:
        store.close()


def table_name(options: argparse.Namespace) -> str | None:
    """Return the DynamoDB table that `--store` names; `None` if it is not given.

    Raises:
        PlaceError: it names something else.
    """
    if options.store is None:
        return None
    table = str(options.store).removeprefix(_DYNAMODB)
    if not table or table == options.store:
        raise PlaceError(f"--store is {options.store!r}; it must be dynamodb://TABLE")
    return table


def _open(options: argparse.Namespace, *, create: bool) -> Store:
    table = table_name(options)
    if table is not None:
        return stores.DynamoDBStore(table, namespace=options.ledger)
    path: Path = options.data / f"{options.ledger}.db"
    if create:
        options.data.mkdir(parents=True, exist_ok=True)
    elif not path.is_file():
        raise LedgerNotFoundError(
            f"no ledger {options.ledger!r} in {options.data}: make it with `python -m ledger create`"
        )
    return stores.SQLiteStore(path)
