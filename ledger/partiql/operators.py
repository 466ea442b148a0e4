"""What the operators do with values."""

from collections.abc import Callable
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from math import fmod
from typing import Any

from ledger import ion
from ledger.comparison import Bag, compare
from ledger.ion import IonType
from ledger.partiql.values import UNKNOWN_TYPES, text_of, type_name

_DECIMAL = Context(prec=38, traps=[InvalidOperation, DivisionByZero, Overflow])
_MAX_INT_BITS = 1 << 16
_MAX_TEXT = 1 << 20


class OperandError(Exception):
    """An operator got values that it cannot work on; the compiler adds where."""


def _less(left: Any, right: Any) -> bool | None:
    order = compare(left, right)
    return None if order is None else order < 0


def _at_most(left: Any, right: Any) -> bool | None:
    order = compare(left, right)
    return None if order is None else order <= 0


ORDERINGS: dict[str, Callable[[Any, Any], bool | None]] = {
    "<": _less,
    "<=": _at_most,
    ">": lambda left, right: _less(right, left),
    ">=": lambda left, right: _at_most(right, left),
}
"""The order operators over known values; None where the two have no order."""


def number(value: Any) -> int | float | Decimal:
    """Return a number as plain Python: int, float or Decimal.

    Raises:
        OperandError: the value is no number.
    """
    ion_type = ion.type_of(value)
    if ion_type is IonType.INT:
        return int(value)
    if ion_type is IonType.DECIMAL:
        return Decimal(value)
    if ion_type is IonType.FLOAT:
        return float(value)
    raise OperandError(f"expected a number, got a value of type {type_name(value)}")


def negated(value: Any) -> int | float | Decimal:
    """`- value`, exactly, whatever the number of digits.

    Raises:
        OperandError: the value is no number.
    """
    found = number(value)
    return found.copy_negate() if isinstance(found, Decimal) else -found


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """`+ - * / %` over known values: int with int gives int, a float makes a float, else a decimal of 38 digits.

    Raises:
        OperandError: an operand is no number, the divisor is 0, or the result is out of range.
    """
    a, b = number(left), number(right)
    try:
        if isinstance(a, float) or isinstance(b, float):
            return _FLOAT[operator](float(a), float(b))
        if isinstance(a, int) and isinstance(b, int):
            return _int(operator, a, b)
        return _decimal(operator, a, b)
    except (DivisionByZero, ZeroDivisionError):
        raise OperandError("division by zero") from None
    except (DecimalException, OverflowError, ValueError):
        raise OperandError("the result is out of range") from None


def _int(operator: str, a: int, b: int) -> int:
    if a.bit_length() + b.bit_length() > _MAX_INT_BITS:
        raise OverflowError
    return _INT[operator](a, b)


def _decimal(operator: str, a: int | Decimal, b: int | Decimal) -> Decimal:
    left, right = Decimal(a), Decimal(b)
    if operator in {"/", "%"} and not right:
        raise ZeroDivisionError
    result: Decimal = _DECIMALS[operator](left, right)
    return result


def _truncated(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


_INT: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _truncated,
    "%": lambda a, b: a - b * _truncated(a, b),
}
_FLOAT: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": fmod,
}
_DECIMALS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": _DECIMAL.add,
    "-": _DECIMAL.subtract,
    "*": _DECIMAL.multiply,
    "/": _DECIMAL.divide,
    "%": _DECIMAL.remainder,
}


def concatenated(left: Any, right: Any) -> str:
    """`||` over known values.

    Raises:
        OperandError: an operand is neither string nor symbol, or the text gets too long.
    """
    first, second = required_text(left), required_text(right)
    if len(first) + len(second) > _MAX_TEXT:
        raise OperandError(f"the text has more than {_MAX_TEXT} characters")
    return first + second


def required_text(value: Any) -> str:
    """Return the text of a string or symbol.

    Raises:
        OperandError: the value is neither.
    """
    found = None if type(value) is Bag else text_of(value)
    if found is None:
        raise OperandError(f"expected a string, got a value of type {type_name(value)}")
    return found


def truth(value: Any) -> bool | None:
    """Return a value as a truth value; None for unknown.

    Raises:
        OperandError: the value is not boolean.
    """
    if value is True or value is False:
        return bool(value)
    if type(value) in UNKNOWN_TYPES:
        return None
    if ion.type_of(value) is not IonType.BOOL:
        raise OperandError(f"expected a boolean, got a value of type {type_name(value)}")
    return bool(value)
