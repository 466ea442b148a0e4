"""Ion written as JSON (Amazon Ion cookbook, "Converting to JSON"; QLDB guide, "Journal export output in QLDB").

Annotations are dropped; nulls of any type and numbers that JSON lacks (nan, infinities) become null; timestamps and
symbols become strings, blobs base64 strings, clobs strings, S-expressions arrays. Numbers keep all their digits.
"""

import json
import math
from base64 import b64encode
from decimal import Decimal

from ledger import ion
from ledger.ion import IonType


def to_json(value: ion.Value) -> str:
    """Return `value` as one line of JSON."""
    if ion.is_null(value):
        return "null"
    match ion.type_of(value):
        case IonType.STRUCT:
            return "{" + ",".join(f"{_string(name)}:{to_json(field)}" for name, field in ion.fields(value)) + "}"
        case IonType.LIST | IonType.SEXP:
            return "[" + ",".join(map(to_json, value)) + "]"
        case ion_type:
            return _scalar(value, ion_type)


def _scalar(value: ion.Value, ion_type: IonType) -> str:
    match ion_type:
        case IonType.BOOL:
            return "true" if value else "false"
        case IonType.FLOAT:
            return repr(float(value)) if math.isfinite(value) else "null"
        case IonType.INT:
            return str(int(value))
        case IonType.DECIMAL:
            return str(Decimal(value))
        case _:
            return _string(_text(value, ion_type))


def _text(value: ion.Value, ion_type: IonType) -> str:
    match ion_type:
        case IonType.BLOB:
            return b64encode(value).decode()
        case IonType.CLOB:
            return bytes(value).decode("latin-1")
        case IonType.TIMESTAMP:
            return ion.text(ion.typed(value, IonType.TIMESTAMP) if ion.annotations(value) else value)
        case _:
            return ion.symbol_text(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
