"""JSON as evidence is kept in: one object, whose fields every reader takes alike."""

import json
from typing import Any

from ledger.verification.shapes import NotProvenError


def read_object(step: str, data: str | bytes) -> dict[str, Any]:
    """Return the object in `data`.

    Raises:
        NotProvenError: it is none, or one in it has a field twice: of those, readers take one or the other.
    """
    try:
        value = json.loads(data, object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotProvenError(step, f"it is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise NotProvenError(step, "it is not a JSON object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is there twice")
    return fields


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
