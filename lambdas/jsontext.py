"""JSON whose numbers are decimals both ways: what was sent as 0.1 is never anything else."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from lambdas.errors import BadInputError


def loads(text: str) -> Any:
    """Read one JSON value; every number becomes a Decimal, NaN and the infinities too, so that a field can refuse them.

    Nothing is expanded: 1e999999999 costs as little as 1. Raises BadInputError for what is not JSON (RFC 8259), for an
    object that has a key twice, and for nesting beyond the interpreter's stack.
    """
    try:
        return json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=Decimal, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise BadInputError(
            f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}; send a JSON object"
        ) from None
    except RecursionError:
        raise BadInputError("the body is nested too deeply; send a JSON object of plain values") from None


def dumps(value: Any) -> str:
    """Print a value as compact JSON: decimals exactly, in the shortest plain form (250, 12.5), never with an exponent.

    Takes what `loads` gives and int; Decimals must be finite and of a size that is fit to print. Raises TypeError
    for any other type, floats among them.
    """
    match value:
        case None | bool() | int() | str():
            return json.dumps(value, ensure_ascii=False)
        case Decimal():
            return _plain(value)
        case dict():
            return "{" + ",".join(f"{dumps(str(key))}:{dumps(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(dumps, value)) + "]"
        case _:
            raise TypeError(f"cannot print a {type(value).__name__} as JSON; give a str, int, Decimal, list or dict")


def _number(literal: str) -> Decimal:
    try:
        return Decimal(literal)
    except InvalidOperation:
        # The exponent is beyond what the decimal module holds (10**18): no field takes such a number.
        return Decimal("-Infinity" if literal.startswith("-") else "Infinity")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise BadInputError(f"the field {shown_name(name)} is there twice; send it once")
        fields[name] = value
    return fields


def shown_name(name: str) -> str:
    """Give a field's name as it may stand in a message: anything but a short plain word could be somebody's data."""
    plain = len(name) <= 40 and name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return f'"{name}"' if plain else "(name not shown)"


def _plain(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError(f"cannot print {value} as JSON; give a finite number")
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text
