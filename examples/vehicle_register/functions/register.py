"""Registers a vehicle, and moves it to another owner, if the one who gives it away owns it."""

import os
from typing import Any

from pyqldb.driver.qldb_driver import QldbDriver
from pyqldb.execution.executor import Executor

from ledger.driver import connect
from ledger.store import DynamoDBStore

_SELECT = "SELECT VALUE owner FROM Vehicles WHERE vin = ?"
_INSERT = "INSERT INTO Vehicles ?"
_UPDATE = "UPDATE Vehicles AS v SET v.owner = ? WHERE v.vin = ?"
_HISTORY = (
    "SELECT VALUE h.data.owner FROM history(Vehicles) AS h WHERE h.metadata.id IN "
    "(SELECT VALUE id FROM Vehicles AS v BY id WHERE v.vin = ?)"
)


def _driver() -> QldbDriver:
    name = os.environ["LEDGER_NAME"]
    return connect(name, DynamoDBStore(os.environ["LEDGER_TABLE"], namespace=name))


driver = _driver()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer `{"vin", "owner"}` (register), `{"vin", "from", "to"}` (move) or `{"vin"}` (look) with all owners so far."""
    return driver.execute_lambda(lambda txn: _answer(txn, event))


def _answer(txn: Executor, event: dict[str, Any]) -> dict[str, Any]:
    vin = event["vin"]
    owners = [str(owner) for owner in txn.execute_statement(_SELECT, vin)]
    if "owner" in event:
        if owners:
            return {"refused": f"{vin} is registered already"}
        txn.execute_statement(_INSERT, {"vin": vin, "owner": event["owner"]})
    elif "from" in event:
        if owners != [event["from"]]:
            return {"refused": f"{event['from']} does not own {vin}"}
        txn.execute_statement(_UPDATE, event["to"], vin)
    return {"owners": [str(owner) for owner in txn.execute_statement(_HISTORY, vin)]}
