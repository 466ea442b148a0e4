"""The register of vehicles: who owns one, who owned it before, and how it gets to another owner."""

import os
from functools import cache

from pyqldb.driver.qldb_driver import QldbDriver
from pyqldb.execution.executor import Executor

from ledger.driver import connect
from ledger.store import DynamoDBStore

_OWNER = "SELECT VALUE owner FROM Vehicles WHERE vin = ?"
_MOVE = "UPDATE Vehicles AS v SET v.owner = ? WHERE v.vin = ?"
_ID = "SELECT VALUE id FROM Vehicles AS v BY id WHERE v.vin = ?"
_PAST = "SELECT VALUE h.data.owner FROM history(Vehicles) AS h WHERE h.metadata.id = ?"


@cache
def driver() -> QldbDriver:
    """Return the ledger's driver, made at the first call."""
    name = os.environ["LEDGER_NAME"]
    return connect(name, DynamoDBStore(os.environ["LEDGER_TABLE"], namespace=name))


def owner(txn: Executor, vin: str) -> str | None:
    """Return the licence of the owner of a vehicle; None if it is not registered."""
    return next((str(found) for found in txn.execute_statement(_OWNER, vin)), None)


def owners(txn: Executor, vin: str) -> list[str]:
    """Return the licences of all owners that a vehicle has had, the first one first."""
    ids = list(txn.execute_statement(_ID, vin))
    return [str(found) for document in ids for found in txn.execute_statement(_PAST, document)]


def register(txn: Executor, vin: str, licence: str) -> str | None:
    """Register a vehicle, and return None; or return why it cannot be registered."""
    if owner(txn, vin):
        return f"{vin} is registered already"
    txn.execute_statement("INSERT INTO Vehicles ?", {"vin": vin, "owner": licence})
    return None


def move(txn: Executor, vin: str, giver: str, taker: str) -> str | None:
    """Give a vehicle to another owner, and return None; or return why it cannot be given."""
    if owner(txn, vin) != giver:
        return f"{giver} does not own {vin}"
    txn.execute_statement(_MOVE, taker, vin)
    return None
