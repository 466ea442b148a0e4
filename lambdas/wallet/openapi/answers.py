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
_DOCUMENT_ID = _text("The id of the account's document in the ledger", "9CwMQqnJ5IM4M89wiNvVph", pattern=_ID)
_VERSION: Schema = {"type": "integer", "minimum": 0, "description": "0 when it was created", "examples": [1]}
_LEDGER = _text("The ledger's name", "captable1")
_DIGEST = _text(
    "A hash over the whole ledger, in base64",
    "MmDTG2SGOAyrROS3K2SaCsFz44WtkzjAsj+echhWnRw=",
    pattern="^[A-Za-z0-9+/]{43}=$",
    contentEncoding="base64",
)
_TIP = _text(
    "Which blocks the digest covers, in Ion text",
    '{strandId:"4uCMg0g54grKO2XLXEDHeF",sequenceNo:4}',
    contentMediaType=_ION,
)
_REVISION = _text(
    "The revision in Ion text: blockAddress, hash, data, metadata",
    '{blockAddress:{strandId:"4uCMg0g54grKO2XLXEDHeF",sequenceNo:4},'
    "hash:{{4XxIIPC6hy8kEoqqOlMjTAyvkq6RtowGpbJyJ/52mjo=}},"
    'data:{email:"ana@example.com",username:"Ana",CurrentBalance:250.00,PreviousBalance:0.00,kind:"addfunds",'
    'amount:250.00},metadata:{id:"9CwMQqnJ5IM4M89wiNvVph",version:1,txTime:2026-11-30T10:08:11.953Z,'
    'txId:"8yFgvgOfrvhAq76zTbBMJV"}}',
    contentMediaType=_ION,
)
_PROOF = _text(
    "The hashes that lead from the revision's to the digest, in Ion text",
    "[{{2GSr6LI/GIJFez0b8nIuS80A80R0NgunoBWXOAH6TGc=}},{{qqrlQHc1OFrNE4c7pYQ3tYYrj2CTEBrFr4bOFbCR1NI=}},"
    "{{wuk5seMXX5HwUSVbkZ9SPEH1WrTEbzVkiv0zsYj5EHg=}},{{QAnateR4uTGCE7EkeMO8Ux71NIGJnCL/eC6sXhoASiE=}}]",
    contentMediaType=_ION,
)
_BALANCES: dict[str, Schema] = {
    "CurrentBalance": {**BALANCE, "examples": [250]},
    "PreviousBalance": {**BALANCE, "examples": [0]},
}
_NOTHING: Schema = {"const": 0}
_TIME = _text("When the block was committed", "2026-11-30T10:08:11.953Z", format="date-time")
_HASH = _text(
    "The hash of the revision, in base64", "4XxIIPC6hy8kEoqqOlMjTAyvkq6RtowGpbJyJ/52mjo=", contentEncoding="base64"
)
_KEY_ID = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_STATEMENT = _text(
    "What the notary has signed, byte for byte: JSON with the digest, its number, its time and the tips that it covers",
    '{"type":"verifiable-ledger/digest/1","ledger":"captable1","number":0,"date":"2026-11-30T10:08:11.956'
    'Z","digest":"MmDTG2SGOAyrROS3K2SaCsFz44WtkzjAsj+echhWnRw=","digestTipAddress":{"strandId":"4uCMg0g54'
    'grKO2XLXEDHeF","sequenceNo":4},"strandRoots":["MmDTG2SGOAyrROS3K2SaCsFz44WtkzjAsj+echhWnRw="],"previ'
    'ous":null,"keyId":"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}',
    contentMediaType="application/json",
)
_SIGNATURE = _text(
    "Of the statement, by ECDSA on P-256 with SHA-256, in DER and base64",
    "MEYCIQDkOMq6EKXBtjThvcxUkxUhU6Krl3M9WrxLkxt1f4h14gIhALVsHb9MLPKeMvkewwe9125vsgmLmqetWf/qKOHcnsFs",
    contentEncoding="base64",
)
_PUBLIC_KEY = _text(
    "The key in PEM: to be compared with the one that you know to be the notary's",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETyjp4UmPHS8weNL8x/XVcOv3wsaD\n"
    "UVEoX4Wuje9wwBjv0mQ20jlxu2is8J2YgqMLKNLzdgw8gB0N/ZakS/Zg3w==\n-----END PUBLIC KEY-----\n",
)
_NUMBER: Schema = {"type": "integer", "minimum": 0, "description": "0 for the ledger's first", "examples": [0]}
_BLOCK_ADDRESS = _object(
    "Where the block is",
    {
        "strandId": _text("The strand", "4uCMg0g54grKO2XLXEDHeF", pattern=_ID),
        "sequenceNo": {"type": "integer", "minimum": 0, "examples": [4]},
    },
)
_RECEIPT: dict[str, Schema] = {
    "ledger": _LEDGER,
    "transactionId": _text("The transaction", "8yFgvgOfrvhAq76zTbBMJV", pattern=_ID),
    "blockAddress": _BLOCK_ADDRESS,
    "blockTimestamp": _TIME,
    "documentId": _DOCUMENT_ID,
    "version": _VERSION,
    "hash": _HASH,
    "revision": _REVISION,
}
_ASKED_FOR: Schema = {
    "oneOf": [_ref("Receipt"), {"type": "null"}],
    "description": "With receipt=true; null if it could not be read just then: what the call did is done, and the same "
    "Idempotency-Key gives it",
}

SCHEMAS: dict[str, Schema] = {
    "AccountCreated": _object(
        "The account is open, with nothing in it",
        {
            **_done("account created", 201),
            "status": {"const": "created"},
            "CurrentBalance": _NOTHING,
            "PreviousBalance": _NOTHING,
        },
        receipt=_ASKED_FOR,
    ),
    "Funds": _object(
        "What the account holds",
        {"email": _EMAIL, "username": _text("The user's name", USERNAME.schema["examples"][0]), **_BALANCES},
    ),
    "FundsAdded": _object(
        "The balances after and before", {**_done("funds added", 200), **_BALANCES}, receipt=_ASKED_FOR
    ),
    "FundsWithdrawn": _object(
        "The balances after and before", {**_done("funds withdrawn", 200), **_BALANCES}, receipt=_ASKED_FOR
    ),
    "Balances": _object("The balances after and before", _BALANCES, receipt=_ASKED_FOR),
    "FundsTransferred": _object(
        "The balances of both; to is left out where callers may only see their own wallet",
        {**_done("funds transferred", 200), "from": _ref("Balances")},
        to=_ref("Balances"),
    ),
    "Revision": _object(
        "A change of an account; of one whose data was redacted only the first three fields are left",
        {
            "version": _VERSION,
            "time": _text("When it was committed", "2026-11-30T10:08:11.953Z", format="date-time"),
            "transactionId": _text(
                "The transaction; a transfer is one on both sides", "8yFgvgOfrvhAq76zTbBMJV", pattern=_ID
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
        nextPageToken=_text("To be sent as pageToken for what is older", "OUN3TVFxbko1SU00TTg5d2lOdlZwaC4w"),
    ),
    "Receipt": _object("What the caller of a transaction keeps, to prove it later", _RECEIPT),
    "ProvenReceipt": _object(
        "The receipt as the ledger has it, with the proof that it is under the notarised digest of that number",
        {**_RECEIPT, "proof": _PROOF, "digestNumber": _NUMBER},
    ),
    "NotarisedDigest": _object(
        "A digest that was signed and put where the ledger's owner cannot change it",
        {
            "number": _NUMBER,
            "statement": _STATEMENT,
            "signature": _SIGNATURE,
            "keyId": _text("Which key has signed it, as the statement says", _KEY_ID),
            "publicKey": _PUBLIC_KEY,
        },
    ),
    "LedgerDigest": _object(
        "The digest of the whole ledger as it is now, and if there is one, the notarised digest that was asked for",
        {
            "digest": _DIGEST,
            "digestTipAddress": _TIP,
            "ledger": _LEDGER,
            "date": _text("When it was asked for", "2026-11-30T10:08:11.985Z", format="date-time"),
        },
        notarised=_ref("NotarisedDigest"),
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
            return {name: _example(kind) for name, kind in schema["properties"].items() if kind is not _ASKED_FOR}
        case "array":
            return [_example(schema["items"])]
    return schema["const"] if "const" in schema else schema["examples"][0]
