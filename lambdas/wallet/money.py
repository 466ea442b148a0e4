"""Amounts and balances: decimals with two places, never floats."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lambdas.errors import BadInputError
from lambdas.wallet.rule import Rule, Schema

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
LIMIT = Decimal(10**12)
"""Amounts and balances stay below this: at most 12 digits before the point."""


def amount(value: Any, field: str) -> Decimal:
    """Check an amount of money as read by `lambdas.jsontext`: a finite number, 0.01 to 999999999999.99, whole cents.

    The value counts, not how it is written: 2.5e2, 250 and 250.000 are one amount. The result always has two places.
    Raises BadInputError naming the field; a value that is no number is named by its type only, lest it be personal.
    """
    if not isinstance(value, Decimal):
        raise _refused(field, "must be a number", _type_name(value))
    if not value.is_finite():
        raise _refused(field, "must be a finite number", str(value))
    if value <= 0:
        raise _refused(field, "must be greater than zero", str(value))
    # adjusted() is the exponent of the first digit: it bounds the size before anything is expanded.
    if value.adjusted() >= 12:
        raise _refused(field, "must have at most 12 digits before the point", str(value))
    cents = value.quantize(CENT)
    if cents != value:
        raise _refused(field, "must have at most two decimals", str(value))
    return cents


def from_ledger(value: Any) -> Decimal:
    """Read a balance or amount from a ledger document: any exact Ion number (int or decimal), as a two-place decimal.

    Raises ValueError if it is no such number or not in whole cents: the document was not written by the wallet.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise ValueError(f"a {type(value).__name__} stands where the ledger should hold an amount")
    exact = Decimal(value)
    cents = exact.quantize(CENT)
    if cents != exact:
        raise ValueError("an amount in the ledger is not in whole cents")
    return cents


AMOUNT = Rule(
    amount,
    {
        "type": "number",
        "minimum": float(CENT),
        "maximum": float(LIMIT - CENT),
        "multipleOf": float(CENT),
        "description": "A number > 0 with at most two decimals and at most 12 digits before them",
        "examples": [250, 12.5],
    },
)

BALANCE: Schema = {
    "type": "number",
    "minimum": 0,
    "maximum": float(LIMIT - CENT),
    "multipleOf": float(CENT),
    "description": "What an account holds, in the shortest form: 250, 12.5",
}


def _refused(field: str, rule: str, got: str) -> BadInputError:
    shown = got if len(got) <= 40 else f"{got[:40]}..."
    return BadInputError(f"{field} {rule}, got {shown}; send for example 250 or 12.5", field=field)


def _type_name(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
