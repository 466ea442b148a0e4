"""Run one PartiQL statement and print its rows as Ion, one a line."""

import argparse

from ledger import ion
from ledger.cli.places import add_place_arguments, opened_store
from ledger.driver import connect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place_arguments(parser)
    parser.add_argument("statement", metavar="STATEMENT", help="for example: SELECT * FROM Person WHERE Name = ?")
    parser.add_argument("parameters", metavar="PARAMETER", nargs="*", help="an Ion value for each ?, such as '\"Ann\"'")


def run(options: argparse.Namespace) -> int:
    """Run the statement in a transaction of its own."""
    parameters = [ion.parse(text) for text in options.parameters]
    with opened_store(options) as store, connect(options.ledger, store) as driver:
        rows = driver.execute_lambda(lambda txn: list(txn.execute_statement(options.statement, *parameters)))
    for row in rows:
        print(ion.text(row))
    return 0
