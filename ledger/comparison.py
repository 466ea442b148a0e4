"""When two Ion values are equal, which comes first, and the key under which an index files a value.

The rules are PartiQL's for `=` and `<` in QLDB: numbers compare by numeric value whatever their Ion type, strings and
symbols by text, timestamps by instant, blobs and clobs by bytes; annotations do not count. A list equals a list with
equal elements in the same order, an S-expression likewise but never a list, a struct equals a struct with the same
fields in any order. Nulls inside containers are equal when of the same type.
"""

from collections.abc import Callable, Iterable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Any, TypeAlias

from ledger import ion
from ledger.ion import IonType, Value

Normal: TypeAlias = tuple[str, Any]
"""A family of values that compare among themselves, and what they compare by."""

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_PLAIN_TEXT = frozenset({str, type(ion.typed("", IonType.STRING))})


class Bag(list[Any]):
    """An unordered collection, `<< >>`: equal to a bag with equal elements in any order, never to a list."""

    __slots__ = ()


def equal(a: Value, b: Value) -> bool:
    """Whether PartiQL's `=` holds for two values that are neither null nor MISSING."""
    if type(a) in _PLAIN_TEXT and type(b) in _PLAIN_TEXT:
        return bool(a == b)
    return _normal(a) == _normal(b)


def compare(a: Value, b: Value) -> int | None:
    """Negative, 0 or positive as `a` comes before, with or after `b`; None where `<` has no answer.

    Only numbers (NaN apart), texts, timestamps, booleans, and blobs and clobs have an order among themselves.
    """
    family, left = _normal(a)
    other, right = _normal(b)
    if family != other or family not in _ORDERED:
        return None
    return int(left > right) - int(left < right)


def equality_key(value: Value) -> bytes:
    """32 bytes that are the same for two values exactly when they are equal.

    Raises:
        ValueError: for a null, which is equal to nothing.
    """
    if ion.is_null(value):
        raise ValueError("a null has no equality key: it is equal to nothing")
    return sha256(_encoded(_normal(value))).digest()


def _normal(value: Value) -> Normal:
    if type(value) is Bag:
        return "bag", tuple(sorted(map(_normal, value), key=_encoded))
    ion_type = ion.type_of(value)
    if ion.is_null(value):
        return "null", ion_type.name
    return _NORMALS[ion_type](value)


def _number(value: Value) -> Normal:
    return ("number", value) if value == value else ("nan", "")  # noqa: PLR0124 - NaN alone differs from itself


def _symbol(value: Value) -> Normal:
    known = getattr(value, "text", value) is not None
    return ("text", ion.symbol_text(value)) if known else ("symbol without text", "")


def _timestamp(value: Value) -> Normal:
    offset = value.utcoffset()
    minutes = value.toordinal() * 1440 + value.hour * 60 + value.minute
    seconds = minutes * 60 + value.second - (0 if offset is None else offset.days * 86400 + offset.seconds)
    fraction = getattr(value, "fractional_seconds", None)
    return "timestamp", (seconds, Decimal(value.microsecond) / 1_000_000 if fraction is None else fraction)


def _struct(value: Value) -> Normal:
    pairs = sorted(((name, _normal(field)) for name, field in ion.fields(value)), key=_name)
    if any(pair[0] == following[0] for pair, following in pairwise(pairs)):
        pairs.sort(key=lambda pair: (pair[0], _encoded(pair[1])))
    return "struct", tuple(pairs)


def _name(pair: tuple[str, Normal]) -> str:
    return pair[0]


_NORMALS: dict[IonType, Callable[[Value], Normal]] = {
    IonType.BOOL: lambda value: ("boolean", bool(value)),
    **dict.fromkeys((IonType.INT, IonType.DECIMAL, IonType.FLOAT), _number),
    IonType.STRING: lambda value: ("text", value),
    IonType.SYMBOL: _symbol,
    IonType.TIMESTAMP: _timestamp,
    **dict.fromkeys((IonType.BLOB, IonType.CLOB), lambda value: ("bytes", value)),
    IonType.LIST: lambda value: ("list", tuple(map(_normal, value))),
    IonType.SEXP: lambda value: ("sexp", tuple(map(_normal, value))),
    IonType.STRUCT: _struct,
}
_ORDERED = frozenset({"boolean", "number", "text", "timestamp", "bytes"})


def _encoded(normal: Normal) -> bytes:
    family, content = normal
    return _joined((family.encode(), _ENCODERS.get(family, _text)(content)))


def _joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _text(content: Any) -> bytes:
    return str(content).encode("utf-8", "surrogatepass")


def _digits(number: Any) -> bytes:
    # normalize() only strips zeros from the coefficient: an exponent of a billion stays an exponent.
    return str(Decimal(number).normalize(_EXACT)).encode() if number else b"0"


_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "number": _digits,
    "timestamp": lambda instant: _joined((_text(instant[0]), _digits(instant[1]))),
    "bytes": bytes,
    **dict.fromkeys(("list", "sexp", "bag"), lambda items: _joined(map(_encoded, items))),
    "struct": lambda pairs: _joined(part for name, field in pairs for part in (_text(name), _encoded(field))),
}


_FAMILIES = (
    "boolean",
    "nan",
    "number",
    "timestamp",
    "text",
    "symbol without text",
    "bytes",
    "list",
    "sexp",
    "struct",
    "bag",
)


def order_key(value: Value) -> tuple[int, Any]:
    """Return what ORDER BY sorts a known value by: first its family, then `<`; containers by their encoding.

    The order of families is that of the PartiQL specification, "ORDER BY"; equal values have equal keys.
    """
    family, content = _normal(value)
    return _FAMILIES.index(family), content if family in _ORDERED else _encoded((family, content))
