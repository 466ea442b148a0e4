"""What any HTTP call may be refused for, before its own rules are looked at."""

from __future__ import annotations

from typing import Any


class CallError(Exception):
    """A call that is refused. The message is shown to the caller, so it MUST NOT hold personal data."""

    def __init__(self, message: str, **details: Any) -> None:
        """Keep the message and what is shown beside it in the answer, by field name."""
        super().__init__(message)
        self.message = message
        self.details = details


class BadInputError(CallError):
    """The request cannot be read as what the call takes; `field` names the part at fault, if one is."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message, **({} if field is None else {"field": field}))


class BodyTooLargeError(CallError):
    """The body is longer than any valid request."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is longer than {limit} bytes; send only the fields of the call")
