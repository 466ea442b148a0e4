"""API Gateway proxy events as the service makes them."""

import json
from collections.abc import Mapping
from typing import Any


def post(
    body: str | Mapping[str, Any] | None, *, headers: Mapping[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """Give the event of a POST; a mapping is sent as JSON."""
    return {
        "httpMethod": "POST",
        "body": json.dumps(body) if isinstance(body, Mapping) else body,
        "isBase64Encoded": False,
        "headers": dict(headers or {}),
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "request-1"},
        **more,
    }


def get(**query: str) -> dict[str, Any]:
    """Give the event of a GET with these query parameters."""
    several = {name: [value] for name, value in query.items()}
    return post(None, httpMethod="GET", queryStringParameters=query, multiValueQueryStringParameters=several)
