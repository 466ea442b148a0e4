"""JSON bodies: read strictly, with AWS's errors, and written."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from ledger.errors import InvalidParameterException
from ledger.server.errors import SerializationException

_Type = TypeVar("_Type")
_NAMES: dict[type, str] = {str: "a string", bool: "true or false", dict: "an object", list: "a list"}


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`; an empty body is an empty object.

    Raises:
        SerializationException: it is not JSON in UTF-8, or no object.
    """
    if not body:
        return {}
    try:
        value = json.loads(body.decode(), parse_constant=_refuse)
        if b"\\u" in body:
            # JSON can spell half of a surrogate pair, which is no text and which no later step could encode.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise SerializationException(f"the body is not JSON in UTF-8: {_reason(error)}") from None
    if not isinstance(value, dict):
        raise SerializationException("the body must be a JSON object")
    return value


def write(value: Mapping[str, Any]) -> bytes:
    """Return `value` as JSON; bytes become base64, and instants seconds since 1970."""
    return json.dumps(value, separators=(",", ":"), default=_encoded).encode()


def text(members: Mapping[str, Any], name: str) -> str | None:
    """Return a text member; `None` if it is absent or null.

    Raises:
        SerializationException: it is of another type.
    """
    return _typed(members, name, str)


def boolean(members: Mapping[str, Any], name: str) -> bool | None:
    """Return a Boolean member; `None` if it is absent or null."""
    return _typed(members, name, bool)


def structure(members: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return a structure or a map; `None` if it is absent or null."""
    return _typed(members, name, dict)


def sequence(members: Mapping[str, Any], name: str) -> list[Any] | None:
    """Return a list; `None` if it is absent or null."""
    return _typed(members, name, list)


def blob(members: Mapping[str, Any], name: str) -> bytes | None:
    """Return the bytes of a base64 member; `None` if it is absent or null."""
    encoded = text(members, name)
    if encoded is None:
        return None
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        raise SerializationException(f"{name} is not base64") from None


def instant(members: Mapping[str, Any], name: str) -> datetime | None:
    """Return a timestamp, which is given as seconds since 1970; `None` if it is absent or null.

    Raises:
        InvalidParameterException: it is no number, or no time that there can be.
    """
    value = members.get(name)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(value, UTC)
    raise InvalidParameterException(f"{name} is {value!r}: give seconds since 1970", name)


def required(value: _Type | None, name: str) -> _Type:
    """Return the value of a member that must be there.

    Raises:
        InvalidParameterException: it is not.
    """
    if value is None:
        raise InvalidParameterException(f"{name} is missing", name)
    return value


def _typed(members: Mapping[str, Any], name: str, wanted: type[_Type]) -> _Type | None:
    value = members.get(name)
    if value is None or isinstance(value, wanted):
        return value
    raise SerializationException(f"{name} must be {_NAMES[wanted]}, got {_NAMES.get(type(value), 'a number')}")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return "nested too deeply" if isinstance(error, RecursionError) else type(error).__name__


def _encoded(value: object) -> str | float:
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"not JSON: {type(value).__name__}")
