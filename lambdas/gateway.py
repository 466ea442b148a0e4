"""API Gateway's REST proxy events in, its proxy results out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas import jsontext
from lambdas.errors import BadInputError, BodyTooLargeError

Event = Mapping[str, Any]

MAX_BODY_BYTES = 8192
"""A valid request is under 1 KiB; more than this is refused unread."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call answers: an HTTP status and the fields of its JSON body; `replayed` if an earlier call's answer."""

    status: int
    fields: Mapping[str, Any]
    replayed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_result(self) -> dict[str, Any]:
        """Give the answer in the form that API Gateway takes from a function."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store", **self.headers}
        if self.replayed:
            headers["Idempotency-Replayed"] = "true"
        return {"statusCode": self.status, "headers": headers, "body": jsontext.dumps(dict(self.fields))}


def json_object(event: Event) -> dict[str, Any]:
    """Read the body as a JSON object. Raises BadInputError or BodyTooLargeError."""
    value = jsontext.loads(_body_text(event))
    if not isinstance(value, dict):
        raise BadInputError("the body is not a JSON object; send the fields of the call in { }")
    return value


def query(event: Event) -> dict[str, Any]:
    """Read the query parameters. Raises BadInputError if one is given twice."""
    for name, values in (event.get("multiValueQueryStringParameters") or {}).items():
        if len(values) > 1:
            raise BadInputError(f"the query parameter {jsontext.shown_name(name)} is there twice; send it once")
    return dict(event.get("queryStringParameters") or {})


def query_parameter(event: Event, name: str) -> str | None:
    """Read one query parameter, whatever others there are. Raises BadInputError naming it if it is given twice."""
    values = (event.get("multiValueQueryStringParameters") or {}).get(name) or []
    if len(values) > 1:
        raise BadInputError(f"the query parameter {name} is there twice; send it once", field=name)
    found: str | None = (event.get("queryStringParameters") or {}).get(name)
    return found


def header(event: Event, name: str) -> str | None:
    """Read a header, whatever the case of its name. Raises BadInputError if it is given with two values."""
    values = {
        value
        for key, several in (event.get("multiValueHeaders") or {}).items()
        if key.lower() == name.lower()
        for value in several
    }
    values |= {value for key, value in (event.get("headers") or {}).items() if key.lower() == name.lower()}
    if len(values) > 1:
        raise BadInputError(f"the header {name} is there twice with different values; send it once")
    return values.pop() if values else None


def _body_text(event: Event) -> str:
    body = event.get("body")
    if not body:
        raise BadInputError("the body is empty; send a JSON object")
    # Base64 is a third longer than what it holds; the exact limit is looked at below.
    if len(body) > MAX_BODY_BYTES * 4 // 3 + 4:
        raise BodyTooLargeError(MAX_BODY_BYTES)
    data = _decoded(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BODY_BYTES:
        raise BodyTooLargeError(MAX_BODY_BYTES)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInputError(f"the body is not UTF-8 at byte {error.start}; send JSON in UTF-8") from None


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise BadInputError("the body is marked as base64 but is not; send JSON in UTF-8") from None
