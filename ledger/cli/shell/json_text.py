"""Ion to JSON, as QLDB's journal export did it (Ion cookbook, "Down-converting to JSON")."""

import json
import math
import re
from base64 import b64encode
from collections.abc import Callable

from ledger import ion
from ledger.ion import IonType, Value

_CONTROL = re.compile(r"[\x7f-\x9f\u2028\u2029]")


def json_text(value: Value) -> str:
    """Return `value` as JSON on one line.

    Decimals and integers are numbers with exactly their digits; timestamps, symbols and clobs are strings, blobs
    strings in base64; nulls of every type, and the floats that JSON lacks, are null. Annotations are dropped, and of
    fields with one name the last is kept.
    """
    return "null" if ion.is_null(value) else _WRITERS[ion.type_of(value)](value)


def _string(text: str) -> str:
    return _CONTROL.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(text, ensure_ascii=False))


def _float(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else "null"


def _timestamp(value: Value) -> str:
    return _string(ion.text(ion.typed(value, IonType.TIMESTAMP)))


def _array(value: Value) -> str:
    return "[" + ",".join(map(json_text, value)) + "]"


def _object(value: Value) -> str:
    members = dict(ion.fields(value))
    return "{" + ",".join(f"{_string(name)}:{json_text(member)}" for name, member in members.items()) + "}"


_WRITERS: dict[IonType, Callable[[Value], str]] = {
    IonType.BOOL: lambda value: "true" if value else "false",
    IonType.INT: lambda value: str(int(value)),
    IonType.FLOAT: _float,
    IonType.DECIMAL: str,
    IonType.TIMESTAMP: _timestamp,
    IonType.SYMBOL: lambda value: _string(ion.symbol_text(value)),
    IonType.STRING: lambda value: _string(str(value)),
    IonType.CLOB: lambda value: _string(bytes(value).decode("latin-1")),
    IonType.BLOB: lambda value: _string(b64encode(bytes(value)).decode()),
    IonType.LIST: _array,
    IonType.SEXP: _array,
    IonType.STRUCT: _object,
}
