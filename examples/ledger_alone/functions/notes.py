"""Writes a note, and gives the notes of an author: `{"author": "ana", "text": "..."}` or `{"author": "ana"}`."""

import os

from ledger.driver import connect
from ledger.store import DynamoDBStore

NAME = os.environ["LEDGER_NAME"]
driver = connect(NAME, DynamoDBStore(os.environ["LEDGER_TABLE"], namespace=NAME))


def handler(event: dict[str, str], _context: object) -> list[str]:
    """Write what is given, and return the texts of the author's notes."""
    if "text" in event:
        driver.execute_lambda(lambda txn: txn.execute_statement("INSERT INTO Notes ?", event))
    select = "SELECT VALUE text FROM Notes WHERE author = ?"
    return driver.execute_lambda(lambda txn: [str(row) for row in txn.execute_statement(select, event["author"])])
