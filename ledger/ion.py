"""Amazon Ion as the ledger uses it: the one module that knows the Ion library.

Values are the library's own objects as parsed (they keep Ion types and annotations) or plain Python values
(`None`, `bool`, `int`, `float`, `Decimal`, `str`, `bytes`, `list`, `dict`, `Timestamp`). Every function takes both.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from amazon.ion import simple_types, simpleion
from amazon.ion.core import IonType, Timestamp, TimestampPrecision
from amazon.ion.symbols import SymbolToken

from ledger.ion_hash import serialize_value, sha256

__all__ = [
    "IonError",
    "IonType",
    "Timestamp",
    "TimestampPrecision",
    "Value",
    "annotations",
    "digest",
    "dumps",
    "fields",
    "is_null",
    "loads",
    "parse",
    "struct",
    "symbol_text",
    "text",
    "type_of",
    "typed",
]

Value: TypeAlias = Any

MAX_DEPTH = 100
MAX_DIGITS = 4000
_MAX_BITS = 13_287

_PYTHON_TYPES: dict[type, IonType] = {
    type(None): IonType.NULL,
    bool: IonType.BOOL,
    int: IonType.INT,
    float: IonType.FLOAT,
    Decimal: IonType.DECIMAL,
    datetime: IonType.TIMESTAMP,
    Timestamp: IonType.TIMESTAMP,
    SymbolToken: IonType.SYMBOL,
    str: IonType.STRING,
    bytes: IonType.BLOB,
    list: IonType.LIST,
    tuple: IonType.LIST,
    dict: IonType.STRUCT,
}
_ION_CLASSES = {
    IonType.BOOL: simple_types.IonPyBool,
    IonType.INT: simple_types.IonPyInt,
    IonType.FLOAT: simple_types.IonPyFloat,
    IonType.DECIMAL: simple_types.IonPyDecimal,
    IonType.TIMESTAMP: simple_types.IonPyTimestamp,
    IonType.SYMBOL: simple_types.IonPySymbol,
    IonType.STRING: simple_types.IonPyText,
    IonType.CLOB: simple_types.IonPyBytes,
    IonType.BLOB: simple_types.IonPyBytes,
    IonType.LIST: simple_types.IonPyList,
    IonType.SEXP: simple_types.IonPyList,
}


class IonError(ValueError):
    """The bytes or the text are not exactly one well-formed Ion value."""


def loads(data: bytes) -> Value:
    """Return the single Ion value in `data`, Ion binary or UTF-8 Ion text.

    Raises:
        IonError: the data is malformed, truncated, too deep, has too long a number, or holds no value or several.
    """
    return _load(data)


def parse(source: str) -> Value:
    """Return the single Ion value that `source` spells in Ion text.

    Raises:
        IonError: the text is malformed or holds no value or several.
    """
    return _load(source)


def _load(source: bytes | str) -> Value:
    try:
        values = simpleion.loads(source, single_value=False)
    except RecursionError:
        raise IonError("not readable as Ion: nested too deeply") from None
    except Exception as error:
        raise IonError(f"not readable as Ion: {error or type(error).__name__}") from error
    if len(values) != 1:
        raise IonError(f"expected exactly one Ion value, got {len(values)}")
    _check_extent(values[0])
    return values[0]


def _check_extent(value: Value) -> None:
    """Refuse what the library could write but not read back, or only by very deep recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        children: list[Value] = []
        for item in level:
            if isinstance(item, list):
                children += item
            elif isinstance(item, simple_types.IonPyDict | dict):
                children += (field for _, field in fields(item))
            elif isinstance(item, Decimal | int):
                _check_digits(item)
            elif isinstance(item, datetime):
                _check_instant(item)
        if not children:
            return
        level = children
    raise IonError(f"not supported as Ion: nested deeper than {MAX_DEPTH} levels")


def _check_digits(number: Decimal | int) -> None:
    if isinstance(number, int):
        too_long = number.bit_length() > _MAX_BITS
    else:
        too_long = len(number.as_tuple().digits) > MAX_DIGITS
    if too_long:
        raise IonError(f"not supported as Ion: a number of more than {MAX_DIGITS} digits")


def _check_instant(instant: datetime) -> None:
    """Refuse an instant before the year 1 or after 9999 in UTC, in which Ion binary and Ion Hash keep it."""
    try:
        if instant.tzinfo is not None:
            instant.replace(tzinfo=None) - (instant.utcoffset() or timedelta())
    except OverflowError:
        raise IonError("not supported as Ion: a timestamp outside the years 1 to 9999 in UTC") from None


def dumps(value: Value) -> bytes:
    """Return `value` as Ion binary, version marker and symbol table included.

    Raises:
        IonError: the value is out of the range that the Ion library can write and read.
    """
    _check_extent(value)
    try:
        data: bytes = simpleion.dumps(value, binary=True)
    except (ArithmeticError, RecursionError, ValueError) as error:
        raise IonError(f"not writable as Ion: {type(error).__name__}") from error
    return data


def text(value: Value) -> str:
    """Return `value` as compact Ion text without a version marker."""
    written: str = simpleion.dumps(value, binary=False, omit_version_marker=True)
    return written.strip()


def digest(value: Value) -> bytes:
    """Return the Ion Hash of `value` under SHA-256, 32 bytes: the H of the journal's formulas."""
    return sha256(serialize_value(value, type_of))


def type_of(value: Value) -> IonType:
    """Return the Ion type of `value`; of a typed null, the type it is a null of.

    Raises:
        TypeError: the value is of a Python type that Ion has no counterpart for.
    """
    try:
        ion_type = value.ion_type
    except AttributeError:
        ion_type = None
    if ion_type is not None:
        return ion_type
    for cls in type(value).__mro__:
        if cls in _PYTHON_TYPES:
            return _PYTHON_TYPES[cls]
    raise TypeError(f"no Ion type for a value of type {type(value).__name__}")


def is_null(value: Value) -> bool:
    """Tell whether `value` is `None` or an Ion null of any type."""
    return value is None or isinstance(value, simple_types.IonPyNull)


def annotations(value: Value) -> tuple[str, ...]:
    """Return the texts of the annotations of `value`, in order."""
    return tuple(symbol_text(annotation) for annotation in getattr(value, "ion_annotations", ()))


def symbol_text(symbol: Value) -> str:
    """Return the text of a symbol (empty for the symbol without text, `$0`)."""
    found = getattr(symbol, "text", symbol)
    return "" if found is None else str(found)


def fields(value: Value) -> Iterator[tuple[str, Value]]:
    """Give the (name, value) pairs of a struct; a repeated name gives a pair each time."""
    pairs = value.iteritems() if isinstance(value, simple_types.IonPyDict) else value.items()
    for name, field in pairs:
        yield symbol_text(name), field


def struct(pairs: Iterable[tuple[str, Value]]) -> Value:
    """Return an Ion struct with these fields in this order; names may repeat."""
    result = simple_types.IonPyDict()
    for name, field in pairs:
        result.add_item(name, field)
    return result


def typed(value: Value, ion_type: IonType, with_annotations: Iterable[str] = ()) -> Value:
    """Return `value` as an Ion value of `ion_type`; `None` gives the null of that type."""
    names = tuple(SymbolToken(name, None) for name in with_annotations)
    if value is None:
        return simple_types.IonPyNull.from_value(ion_type, None, names)
    if ion_type is IonType.STRUCT:
        result = struct(fields(value))
        result.ion_annotations = names
        return result
    return _ION_CLASSES[ion_type].from_value(ion_type, value, names)
