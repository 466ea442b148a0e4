"""Fields of a request that are about evidence: what a receipt says, and numbers of notarised digests."""

from __future__ import annotations

import re
from typing import Any

from lambdas.errors import BadInputError
from lambdas.wallet import fields
from lambdas.wallet.rule import Rule
from ledger.journal.revision import BlockAddress

MOST = 10**15
"""Numbers stay below this, so that every reader of JSON keeps them exactly."""

_ID = "^[0-9A-Za-z]{22}$"
_is_id = re.compile(_ID).fullmatch
_ID_SCHEMA = {"type": "string", "pattern": _ID}


def document_id(value: Any, field: str) -> str:
    """Check an id of a document, 22 letters and digits. Raises BadInputError."""
    if not isinstance(value, str) or not _is_id(value):
        raise BadInputError(f"{field} must be 22 letters and digits; send the {field} of the receipt", field=field)
    return value


def block_address(value: Any, field: str) -> BlockAddress:
    """Check the address of a block, an object with strandId and sequenceNo. Raises BadInputError."""
    match value:
        case {"strandId": str(strand_id), "sequenceNo": number, **rest} if not rest and _is_id(strand_id):
            if fields.is_whole(number) and 0 <= number < MOST:
                return BlockAddress(strand_id, int(number))
    raise BadInputError(
        f"{field} must be an object with strandId and sequenceNo; send the {field} of the receipt", field=field
    )


def copy(value: Any, field: str) -> str:
    """Check that what a receipt says is text; whether it is true is looked at in the ledger. Raises BadInputError."""
    return fields.text(value, field)


def number(value: Any, field: str) -> int:
    """Check a whole number from 0 on. Raises BadInputError."""
    if fields.is_whole(value) and 0 <= value < MOST:
        return int(value)
    raise BadInputError(f"{field} must be a whole number from 0 on, or be left out", field=field)


DOCUMENT_ID = Rule(
    document_id,
    {**_ID_SCHEMA, "description": "The documentId of the receipt", "examples": ["HE4gUcWmuNiCAdT1Tl8v2Y"]},
)
BLOCK_ADDRESS = Rule(
    block_address,
    {
        "type": "object",
        "properties": {"strandId": _ID_SCHEMA, "sequenceNo": {"type": "integer", "minimum": 0, "maximum": MOST - 1}},
        "required": ["strandId", "sequenceNo"],
        "additionalProperties": False,
        "description": "The blockAddress of the receipt",
        "examples": [{"strandId": "2pAVfYwOGzjCjiOajSDWzx", "sequenceNo": 4}],
    },
)
COPY = Rule(copy, {"type": "string", "description": "As the receipt has it, to be compared with the ledger"})
VERSION = Rule(
    number,
    {"type": "integer", "minimum": 0, "maximum": MOST - 1, "description": "The version of the receipt, compared, too"},
)
DIGEST_NUMBER = Rule(
    number,
    {
        "type": "integer",
        "minimum": 0,
        "maximum": MOST - 1,
        "description": "The number of a notarised digest, by default the newest's",
    },
)
