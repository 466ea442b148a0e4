"""The JSON schemas (draft 4) of the wallet's request bodies, enforced by API Gateway before a function runs.

They check what API Gateway reports by name: an object, with every required field and none that is unknown, so that a
misspelt one is not silently ignored. Values are checked by the functions: API Gateway would not say which field holds
the wrong one, and would quote it.
"""

from aws_cdk import aws_apigateway as apigateway

_EMAIL = "An e-mail address of at most 254 characters; case and spaces around it do not count"
_COPY = "As the receipt has it, to be compared with the ledger"
_DIGEST_NUMBER = "The number of a notarised digest, by default the newest's"
_AMOUNT = "A number > 0 with at most two decimals and at most 12 digits"


def _body(required: dict[str, str], **optional: str) -> apigateway.JsonSchema:
    fields = {**required, **optional}
    return apigateway.JsonSchema(
        schema=apigateway.JsonSchemaVersion.DRAFT4,
        type=apigateway.JsonSchemaType.OBJECT,
        properties={name: apigateway.JsonSchema(description=text) for name, text in fields.items()},
        required=list(required) or None,  # draft 4 has no empty list of required fields
        additional_properties=False,
    )


CREATE_ACCOUNT = _body({"email": _EMAIL, "username": "1 to 100 characters"})
CHECK_FUNDS = _body({"email": _EMAIL})
ADD_FUNDS = _body({"email": _EMAIL, "AddFunds": _AMOUNT})
WITHDRAW_FUNDS = _body({"email": _EMAIL, "WithdrawFunds": _AMOUNT})
TRANSFER_FUNDS = _body({"from": _EMAIL, "to": _EMAIL, "TransferFunds": _AMOUNT})
HISTORY = _body({"email": _EMAIL}, pageSize="1 to 100, by default 20", pageToken="The nextPageToken of an answer")
DIGEST = _body({}, digestNumber=_DIGEST_NUMBER)
PROOF = _body(
    {"documentId": "That of the receipt", "blockAddress": "That of the receipt, an object"},
    **dict.fromkeys(("ledger", "transactionId", "blockTimestamp", "version", "hash", "revision"), _COPY),
    digestNumber=_DIGEST_NUMBER,
)
VERIFY = _body(
    {"email": _EMAIL},
    version="0 to the newest, by default that",
    digestTipAddress="The digestTipAddress of an earlier digest, by default a new digest's",
)
