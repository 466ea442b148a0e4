"""Ion Hash (https://amazon-ion.github.io/ion-hash) of a value that is already in memory.

Struct fields are hashed one by one and sorted, so their order does not matter; annotations and Ion types do.
The library `ionhash` gives the same bytes; this is several times faster on the small structs that every commit hashes.
"""

import hashlib
import struct
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from amazon.ion.core import IonType, TimestampPrecision
from amazon.ion.simple_types import IonPyDict, IonPyNull

BEGIN, END = b"\x0b", b"\x0e"
_ANNOTATED = 0xE0
_SYMBOL_ZERO = 0x71
_NULL_BITS = 0x0F
_TYPE_QUALIFIERS = {
    IonType.NULL: 0x00,
    IonType.BOOL: 0x10,
    IonType.INT: 0x20,
    IonType.FLOAT: 0x40,
    IonType.DECIMAL: 0x50,
    IonType.TIMESTAMP: 0x60,
    IonType.SYMBOL: 0x70,
    IonType.STRING: 0x80,
    IonType.CLOB: 0x90,
    IonType.BLOB: 0xA0,
    IonType.LIST: 0xB0,
    IonType.SEXP: 0xC0,
    IonType.STRUCT: 0xD0,
}
TypeOf = Callable[[Any], IonType]


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of `data`."""
    return hashlib.sha256(data).digest()


def serialize_value(value: Any, type_of: TypeOf) -> bytes:
    """Return the bytes that Ion Hash feeds to the hash function for `value`."""
    names = getattr(value, "ion_annotations", ())
    serialized = _serialize_bare(value, type_of)
    if not names:
        return serialized
    return b"".join((BEGIN, bytes((_ANNOTATED,)), *(_serialize_symbol(name) for name in names), serialized, END))


def _serialize_bare(value: Any, type_of: TypeOf) -> bytes:
    ion_type = type_of(value)
    if value is None or isinstance(value, IonPyNull):
        return _frame(_TYPE_QUALIFIERS[ion_type] | _NULL_BITS)
    if ion_type is IonType.STRUCT:
        pairs = value.iteritems() if isinstance(value, IonPyDict) else value.items()
        hashes = [sha256(_serialize_symbol(name) + serialize_value(field, type_of)) for name, field in pairs]
        return _frame(0xD0, _escape(b"".join(sorted(hashes))))
    if ion_type is IonType.LIST or ion_type is IonType.SEXP:
        return _frame(_TYPE_QUALIFIERS[ion_type], b"".join(serialize_value(item, type_of) for item in value))
    if ion_type is IonType.SYMBOL:
        return _serialize_symbol(value)
    qualifier, representation = _SCALARS[ion_type](value)
    return _frame(qualifier, _escape(representation))


def _frame(qualifier: int, representation: bytes = b"") -> bytes:
    return b"%b%c%b%b" % (BEGIN, qualifier, representation, END)


def _escape(data: bytes) -> bytes:
    if BEGIN in data or END in data or b"\x0c" in data:
        return data.replace(b"\x0c", b"\x0c\x0c").replace(BEGIN, b"\x0c\x0b").replace(END, b"\x0c\x0e")
    return data


def _serialize_symbol(symbol: Any) -> bytes:
    name = getattr(symbol, "text", symbol)
    return _frame(_SYMBOL_ZERO) if name is None else _frame(0x70, _escape(name.encode()))


def _bool(value: int) -> tuple[int, bytes]:
    return (0x11 if value else 0x10), b""


def _int(value: int) -> tuple[int, bytes]:
    return (0x30 if value < 0 else 0x20), _magnitude(abs(value))


def _float(value: float) -> tuple[int, bytes]:
    encoded = struct.pack(">d", value)
    return 0x40, b"" if encoded == bytes(8) else encoded


def _decimal(value: Decimal) -> tuple[int, bytes]:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"Ion has no decimal {value}")
    coefficient = int(Decimal((0, digits, 0)))
    if not (sign or exponent or coefficient):
        return 0x50, b""
    return 0x50, _varint(exponent) + _signed_magnitude(sign, coefficient)


def _timestamp(value: Any) -> tuple[int, bytes]:
    precision = getattr(value, "precision", None)
    if precision is None:
        precision = TimestampPrecision.SECOND
    fraction = getattr(value, "fractional_seconds", None)
    if fraction is None:
        fraction = Decimal(value.microsecond).scaleb(-6)
    offset = value.utcoffset()
    utc = value if offset is None else value.replace(tzinfo=None) - offset
    parts = [b"\xc0" if offset is None else _varint(offset // timedelta(minutes=1)), _varuint(utc.year)]
    if precision >= TimestampPrecision.MONTH:
        parts.append(_varuint(utc.month))
    if precision >= TimestampPrecision.DAY:
        parts.append(_varuint(utc.day))
    if precision >= TimestampPrecision.MINUTE:
        parts += [_varuint(utc.hour), _varuint(utc.minute)]
    if precision >= TimestampPrecision.SECOND:
        parts += [_varuint(utc.second), _fraction(fraction)]
    return 0x60, b"".join(parts)


def _fraction(value: Decimal) -> bytes:
    _, digits, exponent = value.as_tuple()
    coefficient = int(Decimal((0, digits, 0)))
    if not coefficient and exponent == 0:
        return b""
    return _varint(int(exponent)) + _signed_magnitude(0, coefficient)


def _magnitude(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _signed_magnitude(sign: int, coefficient: int) -> bytes:
    if not coefficient:
        return b"\x80" if sign else b""
    encoded = bytearray(coefficient.to_bytes(coefficient.bit_length() // 8 + 1, "big"))
    encoded[0] |= 0x80 if sign else 0
    return bytes(encoded)


def _varuint(value: int) -> bytes:
    encoded = bytearray((0x80 | value & 0x7F,))
    while value := value >> 7:
        encoded.insert(0, value & 0x7F)
    return bytes(encoded)


def _varint(value: int) -> bytes:
    magnitude = abs(value)
    encoded = bytearray()
    while magnitude > 0x3F:
        encoded.insert(0, magnitude & 0x7F)
        magnitude >>= 7
    encoded.insert(0, magnitude | (0x40 if value < 0 else 0))
    encoded[-1] |= 0x80
    return bytes(encoded)


_SCALARS: dict[IonType, Callable[[Any], tuple[int, bytes]]] = {
    IonType.BOOL: _bool,
    IonType.INT: _int,
    IonType.FLOAT: _float,
    IonType.DECIMAL: _decimal,
    IonType.TIMESTAMP: _timestamp,
    IonType.STRING: lambda value: (0x80, value.encode()),
    IonType.CLOB: lambda value: (0x90, bytes(value)),
    IonType.BLOB: lambda value: (0xA0, bytes(value)),
}
