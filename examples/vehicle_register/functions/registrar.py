"""Registers a vehicle (`{"vin", "owner"}`) or gives it to another owner (`{"vin", "from", "to"}`)."""

from pyqldb.execution.executor import Executor
from register import driver, move, register


def handler(event: dict[str, str], _context: object) -> dict[str, str]:
    """Answer `{"owner"}`, whom the vehicle now belongs to, or `{"refused"}` with the reason."""
    refused = driver().execute_lambda(lambda txn: _change(txn, event))
    return {"refused": refused} if refused else {"owner": event.get("owner") or event["to"]}


def _change(txn: Executor, event: dict[str, str]) -> str | None:
    if "owner" in event:
        return register(txn, event["vin"], event["owner"])
    return move(txn, event["vin"], event["from"], event["to"])
