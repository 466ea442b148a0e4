"""What calls answer when they succeed, as schemas that tests hold the answers against. The examples are real ones."""

from __future__ import annotations

from typing import Any

from lambdas.wallet.accounts import Kind
from lambdas.wallet.fields import EMAIL, MAX_PAGE_SIZE, USERNAME
from lambdas.wallet.money import AMOUNT, BALANCE
from lambdas.wallet.rule import Schema


def _text(description: str, example: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, "examples": [example], **more}


def _object(description: str, required: dict[str, Schema], **optional: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def _done(message: str, status: int) -> dict[str, Schema]:
    return {"message": _text("What was done, for people", message), "statuscode": {"const": status}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_ID = "^[0-9A-Za-z]{22}$"
_ION = "text/x-amzn-ion"
_EMAIL = _text("The e-mail address that names the account", EMAIL.schema["examples"][0])
_DOCUMENT_ID = _text("The id of the account's document in the ledger", "HE4gUcWmuNiCAdT1Tl8v2Y", pattern=_ID)
_VERSION: Schema = {"type": "integer", "minimum": 0, "description": "0 when it was created", "examples": [1]}
_LEDGER = _text("The ledger's name", "captable1")
_DIGEST = _text(
    "A hash over the whole ledger, in base64",
    "o8lSPIWLdpZE285WAHRHnCgMtbzwsdUzidAYXklrIOA=",
    pattern="^[A-Za-z0-9+/]{43}=$",
    contentEncoding="base64",
)
_TIP = _text(
    "Which blocks the digest covers, in Ion text",
    '{strandId:"2pAVfYwOGzjCjiOajSDWzx",sequenceNo:4}',
    contentMediaType=_ION,
)
_REVISION = _text(
    "The revision in Ion text: blockAddress, hash, data, metadata",
    '{blockAddress:{strandId:"2pAVfYwOGzjCjiOajSDWzx",sequenceNo:4},'
    "hash:{{zEuBh3hPEyF3994IP1MofrhMu3uTB6y7LL7973LypIs=}},"
    'data:{email:"ana@example.com",username:"Ana",CurrentBalance:250.00,PreviousBalance:0.00,kind:"addfunds",'
    'amount:250.00},metadata:{id:"HE4gUcWmuNiCAdT1Tl8v2Y",version:1,txTime:2026-11-22T11:59:29.384Z,'
    'txId:"1DIYdzJnKqUJcqvHvCnf75"}}',
    contentMediaType=_ION,
)
_PROOF = _text(
    "The hashes that lead from the revision's to the digest, in Ion text",
    "[{{3ky7udqiYsj1VHfvXMroXfSviE5tv4w5IjSLbwClS3w=}},{{Iex9Xgq9Mvps1vUAmvJWmx1gplVrIcMBT8hLdB5JSa4=}},"
    "{{GitClyVqsLY/vkF5Aq+70gUa3Ut3ir+Ky0FgUkM6Su0=}},{{/wV8IodTNcemri6VGON38nUkgrcSTLA7uj4zfQL654Q=}}]",
    contentMediaType=_ION,
)
_BALANCES: dict[str, Schema] = {
    "CurrentBalance": {**BALANCE, "examples": [250]},
    "PreviousBalance": {**BALANCE, "examples": [0]},
}
_NOTHING: Schema = {"const": 0}

SCHEMAS: dict[str, Schema] = {
    "AccountCreated": _object(
        "The account is open, with nothing in it",
        {
            **_done("account created", 201),
            "status": {"const": "created"},
            "CurrentBalance": _NOTHING,
            "PreviousBalance": _NOTHING,
        },
    ),
    "Funds": _object(
        "What the account holds",
        {"email": _EMAIL, "username": _text("The user's name", USERNAME.schema["examples"][0]), **_BALANCES},
    ),
    "FundsAdded": _object("The balances after and before", {**_done("funds added", 200), **_BALANCES}),
    "FundsWithdrawn": _object("The balances after and before", {**_done("funds withdrawn", 200), **_BALANCES}),
    "Balances": _object("The balances after and before", _BALANCES),
    "FundsTransferred": _object(
        "The balances of both; to is left out where callers may only see their own wallet",
        {**_done("funds transferred", 200), "from": _ref("Balances")},
        to=_ref("Balances"),
    ),
    "Revision": _object(
        "A change of an account; of one whose data was redacted only the first three fields are left",
        {
            "version": _VERSION,
            "time": _text("When it was committed", "2026-11-22T11:59:29.384Z", format="date-time"),
            "transactionId": _text(
                "The transaction; a transfer is one on both sides", "1DIYdzJnKqUJcqvHvCnf75", pattern=_ID
            ),
        },
        kind={"enum": [str(kind) for kind in Kind], "examples": [str(Kind.ADD)]},
        amount={**AMOUNT.schema, "minimum": 0, "description": "What the change moved; 0 when the account was created"},
        counterparty=_text("The other account's e-mail address, of a transfer", "bob@example.com"),
        **_BALANCES,
    ),
    "HistoryPage": _object(
        "A page of the account's revisions, newest first",
        {
            "email": _EMAIL,
            "documentId": _DOCUMENT_ID,
            "revisions": {"type": "array", "items": _ref("Revision"), "minItems": 1, "maxItems": MAX_PAGE_SIZE},
        },
        nextPageToken=_text("To be sent as pageToken for what is older", "SEU0Z1VjV211TmlDQWRUMVRsOHYyWS4w"),
    ),
    "LedgerDigest": _object(
        "The digest of the whole ledger as it is now",
        {
            "digest": _DIGEST,
            "digestTipAddress": _TIP,
            "ledger": _LEDGER,
            "date": _text("When it was asked for", "2026-11-22T11:59:29.479Z", format="date-time"),
        },
    ),
    "ProvenRevision": _object(
        "The revision, and what proves that it is under the digest",
        {
            "email": _EMAIL,
            "documentId": _DOCUMENT_ID,
            "version": _VERSION,
            "ledger": _LEDGER,
            "revision": _REVISION,
            "proof": _PROOF,
            "digest": _DIGEST,
            "digestTipAddress": _TIP,
        },
    ),
}
"""Component schemas by name."""


def body_of(name: str) -> dict[str, Any]:
    """Give the content of an answer that has this schema, with its example."""
    return {"application/json": {"schema": _ref(name), "example": _example(SCHEMAS[name])}}


def _example(schema: Schema) -> Any:
    if "$ref" in schema:
        return _example(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    match schema.get("type"):
        case "object":
            return {name: _example(kind) for name, kind in schema["properties"].items()}
        case "array":
            return [_example(schema["items"])]
    return schema["const"] if "const" in schema else schema["examples"][0]
