"""The document: a path for each call, made of its request, its answer and what it may be refused for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.errors import BadInputError, BodyTooLargeError, CallError
from lambdas.wallet import errors, idempotency, receipts, requests
from lambdas.wallet.failures import STATUSES
from lambdas.wallet.openapi.answers import SCHEMAS, body_of
from lambdas.wallet.openapi.refusals import GATEWAY_STATUSES, REFUSALS
from lambdas.wallet.requests import Request

Json = dict[str, Any]

VERSION = "1.1.0"
"""Of the contract: the first number grows when clients have to change, the second with news, the third with words."""

_ABOUT = (
    "Accounts, balances and money calls over a verifiable ledger. Bodies are JSON, whatever their content type says, "
    "and have at most 8 KiB. A call that is refused with 4xx changes nothing."
)
_REQUEST_EMAIL = {"email": "$request.body#/email"}
_ANSWER_EMAIL = {"email": "$response.body#/email"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call by what it takes and answers.

    `refusals` are those that not every call has. `links` name the calls that can be made with what stands in this one.
    """

    request: type[Request]
    answer: str
    refusals: tuple[type[CallError], ...] = ()
    status: int = 200
    changes: bool = False
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The call as client libraries name it: `addFunds`."""
        words = self.request.__name__
        return words[0].lower() + words[1:]

    def statuses(self) -> list[int]:
        """List the statuses of all refusals, API Gateway's among them."""
        own = {BadInputError, BodyTooLargeError, errors.LedgerBusyError, *self.refusals}
        found = {STATUSES[refusal] for refusal in own | ({errors.KeyReusedError} if self.changes else set())}
        return sorted(found | GATEWAY_STATUSES)


_READS = {"checkFunds": _REQUEST_EMAIL, "history": _REQUEST_EMAIL, "verify": _REQUEST_EMAIL}
CALLS = (
    Call(requests.CreateAccount, "AccountCreated", (errors.AccountExistsError,), 201, changes=True, links=_READS),
    Call(requests.CheckFunds, "Funds", (errors.NoSuchAccountError,)),
    Call(
        requests.AddFunds,
        "FundsAdded",
        (errors.NoSuchAccountError, errors.BalanceLimitError),
        changes=True,
        links=_READS,
    ),
    Call(
        requests.WithdrawFunds,
        "FundsWithdrawn",
        (errors.NoSuchAccountError, errors.InsufficientFundsError),
        changes=True,
        links=_READS,
    ),
    Call(
        requests.TransferFunds,
        "FundsTransferred",
        (errors.NoSuchAccountError, errors.InsufficientFundsError, errors.BalanceLimitError),
        changes=True,
        links={"checkFunds": {"email": "$request.body#/to"}},
    ),
    Call(
        requests.History,
        "HistoryPage",
        (errors.NoSuchAccountError,),
        links={
            "history": {**_ANSWER_EMAIL, "pageToken": "$response.body#/nextPageToken"},
            "verify": {**_ANSWER_EMAIL, "version": "$response.body#/revisions/0/version"},
        },
    ),
    Call(
        requests.Digest,
        "LedgerDigest",
        (
            errors.NoNotaryError,
            errors.NothingNotarisedError,
            errors.NoSuchDigestError,
            errors.DigestsUnavailableError,
        ),
    ),
    Call(
        requests.Proof,
        "ProvenReceipt",
        (
            errors.NoNotaryError,
            errors.NothingNotarisedError,
            errors.NotCoveredYetError,
            errors.NoSuchDigestError,
            errors.ReceiptMismatchError,
            errors.DigestsUnavailableError,
        ),
        links={"digest": {"digestNumber": "$response.body#/digestNumber"}},
    ),
    Call(requests.Verify, "ProvenRevision", (errors.NoSuchAccountError, errors.NoSuchRevisionError)),
)


def document() -> Json:
    """Make the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Verifiable wallet",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {
                "url": "https://{api}.execute-api.{region}.amazonaws.com/{stage}",
                "variables": {
                    "api": {"default": "api", "description": "The API's id: see the output ApiUrl of the deployment"},
                    "region": {"default": "us-east-1"},
                    "stage": {"default": "funds"},
                },
            }
        ],
        "security": [{"signature": []}],
        "paths": dict(map(_path, CALLS)),
        "components": _components(),
    }


def _path(call: Call) -> tuple[str, Json]:
    item = {"post": _post(call)}
    if call.request is requests.CheckFunds:
        item["get"] = _get(call)
    return f"/{call.request.operation}", item


def _post(call: Call) -> Json:
    operation = _described(call, call.name)
    if call.changes:
        operation["parameters"] = [
            {"$ref": f"#/components/parameters/{name}"} for name in ("IdempotencyKey", "Receipt")
        ]
    schema = {"$ref": f"#/components/schemas/{call.request.__name__}"}
    example = {member.name: member.rule.schema["examples"][0] for member in call.request.members if member.required}
    content = {"application/json": {"schema": schema, "example": example}}
    return {**operation, "requestBody": {"required": True, "content": content}, "responses": _responses(call)}


def _get(call: Call) -> Json:
    operation = _described(call, "getFunds", "API Gateway keeps the answer for a few seconds, apart for each e-mail.")
    operation["parameters"] = [
        {"name": member.name, "in": "query", "required": member.required, "schema": member.rule.schema}
        for member in call.request.members
    ]
    return {**operation, "responses": _responses(call)}


def _described(call: Call, name: str, *more: str) -> Json:
    summary = (call.request.__doc__ or "").rstrip(".")
    return {"operationId": name, "summary": summary, **({"description": " ".join(more)} if more else {})}


def _responses(call: Call) -> Json:
    headers = {"Cache-Control": {"$ref": "#/components/headers/NoStore"}}
    if call.changes:
        headers["Idempotency-Replayed"] = {"$ref": "#/components/headers/Replayed"}
    done: Json = {
        "description": SCHEMAS[call.answer]["description"],
        "headers": headers,
        "content": body_of(call.answer),
    }
    if call.links:
        done["links"] = {f"{name}Next": _link(name, body) for name, body in call.links.items()}
    refused = {str(status): {"$ref": f"#/components/responses/{REFUSALS[status].name}"} for status in call.statuses()}
    return {str(call.status): done, **refused}


def _link(name: str, body: Mapping[str, str]) -> Json:
    return {"operationId": name, "requestBody": dict(body)}


def _components() -> Json:
    bodies = {call.request.__name__: call.request.schema() for call in CALLS}
    return {
        "schemas": {**bodies, **SCHEMAS},
        "parameters": {
            "IdempotencyKey": {"name": idempotency.HEADER, "in": "header", "schema": idempotency.KEY.schema},
            "Receipt": {"name": receipts.PARAMETER, "in": "query", "schema": receipts.RECEIPT.schema},
        },
        "headers": {
            "NoStore": {"required": True, "schema": {"const": "no-store"}},
            "Replayed": {
                "description": "There if the call was done before, with the same key, and only its answer is repeated",
                "schema": {"const": "true"},
            },
            "RetryAfter": {
                "required": True,
                "description": "After how many seconds to try again",
                "schema": {"type": "integer", "minimum": 1},
            },
            "RetryLater": {
                "description": "There if a digest is notarised soon: after how many seconds to try again",
                "schema": {"type": "integer", "minimum": 1},
            },
        },
        "responses": {refusal.name: refusal.response(status) for status, refusal in REFUSALS.items()},
        "securitySchemes": {
            "signature": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "AWS Signature Version 4 of the service execute-api, by who may execute-api:Invoke",
                "x-amazon-apigateway-authtype": "awsSigv4",
            }
        },
    }
