"""What calls answer when they fail: a response for each status, whether a function or API Gateway gives it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lambdas import jsontext
from lambdas.errors import BadInputError, BodyTooLargeError, CallError
from lambdas.gateway import MAX_BODY_BYTES
from lambdas.wallet import errors
from lambdas.wallet.money import BALANCE
from lambdas.wallet.rule import Schema

_MESSAGE: Schema = {"type": "string", "description": "What is wrong and what to do, for people"}
_FIELD: Schema = {"type": "string", "description": "The field, or the header, at fault"}

_LATER = {429, 503}

GATEWAY_STATUSES = {400, 401, 403, 413, 429, 500, 504}
"""What API Gateway may answer to any call by itself."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response by its component's name; `details` are the fields beside message and statuscode, which may be there.

    `headers` are those that not every answer with this status has.

    `by_function`: no other than a function of this project answers so, and says that nobody may keep the answer.
    """

    name: str
    description: str
    example: CallError
    details: dict[str, Schema]
    by_function: bool = False
    headers: dict[str, Any] = field(default_factory=dict)

    def response(self, status: int) -> dict[str, Any]:
        """Describe the response."""
        fields = {"message": _MESSAGE, "statuscode": {"const": status}, **self.details}
        schema = {
            "type": "object",
            "properties": fields,
            "required": ["message", "statuscode"],
            "additionalProperties": False,
        }
        shown = {"message": self.example.message, "statuscode": status, **self.example.details}
        example = json.loads(jsontext.dumps(shown))
        return {
            "description": self.description,
            "headers": self._headers(status),
            "content": {"application/json": {"schema": schema, "example": example}},
        }

    def _headers(self, status: int) -> dict[str, Any]:
        kept = {"Cache-Control": {"$ref": "#/components/headers/NoStore"}} if self.by_function else {}
        later = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}} if status in _LATER else {}
        return kept | later | self.headers


_UNKNOWN_OUTCOME = (
    "It is not known whether the call was carried out: repeat it with the same Idempotency-Key, or look first"
)

REFUSALS: dict[int, Refusal] = {
    400: Refusal(
        "BadInput",
        "The body is no JSON object; or a field, a parameter or a header is missing, unknown, or not what it may be",
        BadInputError("email is missing; this call takes email, AddFunds", field="email"),
        {"field": _FIELD},
    ),
    401: Refusal(
        "TokenRefused",
        "The token is missing or not valid, where the API is deployed with an authorizer instead of IAM",
        CallError("Unauthorized"),
        {},
    ),
    403: Refusal(
        "Forbidden",
        "The request is not signed, or its signer may not make this call; or the wallet is somebody else's, where "
        "callers have one of their own; API Gateway also says so of a path or a method that does not exist",
        CallError("Missing Authentication Token"),
        {"field": _FIELD},
    ),
    404: Refusal(
        "NotFound",
        "No account has this e-mail, or it has no such version; or no notarised digest has this number, there is none "
        "at all, or none yet that covers the transaction: then Retry-After says when to ask again",
        errors.NoSuchAccountError("email"),
        {"field": _FIELD},
        by_function=True,
        headers={"Retry-After": {"$ref": "#/components/headers/RetryLater"}},
    ),
    409: Refusal(
        "Conflict",
        "There is such an account already; or the account holds too little, which CurrentBalance tells; or too much; "
        "or the ledger does not hold what the receipt says",
        errors.InsufficientFundsError(Decimal(125)),
        {"field": _FIELD, "CurrentBalance": BALANCE},
        by_function=True,
    ),
    413: Refusal("TooLarge", f"The body is longer than {MAX_BODY_BYTES} bytes", BodyTooLargeError(MAX_BODY_BYTES), {}),
    422: Refusal(
        "KeyReused", "The Idempotency-Key was used for another request", errors.KeyReusedError(), {}, by_function=True
    ),
    429: Refusal("TooManyCalls", "Too many calls a second; nothing was done", CallError("Too Many Requests"), {}),
    500: Refusal("InternalError", f"An error of ours. {_UNKNOWN_OUTCOME}", CallError("internal error"), {}),
    503: Refusal(
        "Busy",
        f"Other calls kept changing the account: nothing was done, send it again. So it is if notarised digests cannot "
        f"be read. Or, as the message then says: "
        f"{_UNKNOWN_OUTCOME[0].lower()}{_UNKNOWN_OUTCOME[1:]}",
        errors.LedgerBusyError(),
        {},
        by_function=True,
    ),
    504: Refusal("TimedOut", f"No answer in time. {_UNKNOWN_OUTCOME}", CallError("Endpoint request timed out"), {}),
}
