"""Tells all owners of a vehicle (`{"vin"}`). Its role cannot write to the ledger."""

from register import driver, owners


def handler(event: dict[str, str], _context: object) -> list[str]:
    """Return the licences, the first owner's first; none if the vehicle is not registered."""
    return driver().execute_lambda(lambda txn: owners(txn, event["vin"]))
