"""CAST: a value as one of another type (QLDB guide, "CAST function")."""

import re
from collections.abc import Callable
from decimal import Decimal, DecimalException
from math import isfinite
from typing import Any

from ledger import ion
from ledger.comparison import Bag
from ledger.ion import IonType
from ledger.partiql.format_reading import from_ion_text
from ledger.partiql.operators import OperandError, number
from ledger.partiql.types import ION_TYPES
from ledger.partiql.values import MISSING, UNKNOWN_TYPES, text_of, type_name

_INTEGER = re.compile(r"[+-]?\d{1,4000}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,4000}(?:\.\d{0,4000})?|\.\d{1,4000})(?:[eEdD][+-]?\d{1,6})?", re.ASCII)
_MAX_DIGITS = 4_000


def cast(value: Any, name: str) -> Any:
    """Return the value as one of the type with this name (of `ION_TYPES`, or BAG, NULL, MISSING).

    NULL and MISSING stay what they are, unless one is asked for by name. A value of the type itself is not touched.

    Raises:
        OperandError: there is no such conversion, or not of this value.
    """
    if type(value) in UNKNOWN_TYPES:
        return _unknown(value, name)
    if _is_of(value, name):
        return value
    converter = _CONVERTERS.get(_target(name))
    found = None if converter is None else converter(value)
    if found is None:
        raise OperandError(f"cannot cast a value of type {type_name(value)} to {name.lower()}")
    return found


def _unknown(value: Any, name: str) -> Any:
    if name == "MISSING":
        return MISSING
    return MISSING if value is MISSING and name != "NULL" else None


def _is_of(value: Any, name: str) -> bool:
    if type(value) is Bag or name == "BAG":
        return type(value) is Bag and name == "BAG"
    return name in ION_TYPES and ion.type_of(value) in ION_TYPES[name]


def _target(name: str) -> IonType | str:
    return next(iter(ION_TYPES[name])) if name in ION_TYPES else name


def _family(value: Any) -> IonType | None:
    return None if type(value) is Bag else ion.type_of(value)


def _to_bool(value: Any) -> bool | None:
    text = None if type(value) is Bag else text_of(value)
    if text is not None:
        return text.lower() == "true"
    return number(value) != 0 if _family(value) in _NUMBERS else None


def _to_int(value: Any) -> int | None:
    if _family(value) is IonType.BOOL:
        return int(bool(value))
    if _family(value) in _NUMBERS:
        return _whole(number(value))
    text = _text(value, _INTEGER, "an integer")
    return None if text is None else int(text)


def _whole(found: int | float | Decimal) -> int:
    finite = isfinite(found) if isinstance(found, float) else True
    if not finite or (isinstance(found, Decimal) and found.adjusted() >= _MAX_DIGITS):
        raise OperandError("the number has no integer part that could be written")
    return int(found)


def _to_float(value: Any) -> float | None:
    try:
        if _family(value) is IonType.BOOL:
            return float(bool(value))
        if _family(value) in _NUMBERS:
            return float(number(value))
        text = _text(value, _NUMBER, "a number")
        return None if text is None else float(text)
    except OverflowError:
        raise OperandError("the number is out of range for a float") from None


def _to_decimal(value: Any) -> Decimal | None:
    if _family(value) is IonType.BOOL:
        return Decimal(int(bool(value)))
    if _family(value) in _NUMBERS:
        found = number(value)
        if isinstance(found, float) and not isfinite(found):
            raise OperandError("a float that is no number, or infinite, is no decimal")
        return Decimal(repr(found)) if isinstance(found, float) else Decimal(found)
    text = _text(value, _NUMBER, "a number")
    try:
        return None if text is None else Decimal(text)
    except DecimalException:
        raise OperandError("the number is out of range") from None


def _text(value: Any, shape: re.Pattern[str], wanted: str) -> str | None:
    text = None if type(value) is Bag else text_of(value)
    if text is not None and not shape.fullmatch(text):
        raise OperandError(f"'{text[:40]}' is not {wanted}")
    return None if text is None else text.lower().replace("d", "e")


def _to_timestamp(value: Any) -> Any:
    text = None if type(value) is Bag else text_of(value)
    return None if text is None else from_ion_text(text)


def _to_string(value: Any) -> str | None:
    family = _family(value)
    if family is IonType.BOOL:
        return "true" if value else "false"
    if family is IonType.TIMESTAMP:
        return ion.text(value).rpartition("::")[2]
    if family in _NUMBERS:
        return _spelled(number(value))
    return None if type(value) is Bag else text_of(value)


def _spelled(found: int | float | Decimal) -> str:
    try:
        return str(found)
    except ValueError:
        raise OperandError(f"the number has more than {_MAX_DIGITS} digits") from None


def _to_symbol(value: Any) -> Any:
    text = _to_string(value)
    return None if text is None else ion.typed(text, IonType.SYMBOL)


def _lob(ion_type: IonType) -> Callable[[Any], Any]:
    return lambda value: ion.typed(bytes(value), ion_type) if _family(value) in _LOBS else None


def _to_list(value: Any) -> Any:
    return list(value) if isinstance(value, list) else None


def _to_sexp(value: Any) -> Any:
    return ion.typed(list(value), IonType.SEXP) if isinstance(value, list) else None


_NUMBERS = frozenset({IonType.INT, IonType.FLOAT, IonType.DECIMAL})
_LOBS = frozenset({IonType.BLOB, IonType.CLOB})
_CONVERTERS: dict[IonType | str, Callable[[Any], Any]] = {
    IonType.BOOL: _to_bool,
    IonType.INT: _to_int,
    IonType.FLOAT: _to_float,
    IonType.DECIMAL: _to_decimal,
    IonType.TIMESTAMP: _to_timestamp,
    IonType.STRING: _to_string,
    IonType.SYMBOL: _to_symbol,
    IonType.BLOB: _lob(IonType.BLOB),
    IonType.CLOB: _lob(IonType.CLOB),
    IonType.LIST: _to_list,
    IonType.SEXP: _to_sexp,
    "BAG": lambda value: Bag(value) if isinstance(value, list) else None,
}
