"""At most once: a call with an Idempotency-Key is carried out by the first of its copies and answered alike to all.

The key, a hash of the request and the answer are written in the transaction that moves the money: either all of it is
in the journal or nothing is. Two copies at the same time both look the key up and find nothing; that lookup is part of
what their commits rely on, so one of them conflicts, is run again and then finds the answer of the other.
A call that is refused writes nothing, so its key stays unused and may be sent again with the same or another request.
"""

from __future__ import annotations

import re

from pyqldb.execution.executor import Executor

from lambdas import gateway, jsontext
from lambdas.errors import BadInputError
from lambdas.gateway import Answer
from lambdas.wallet.errors import KeyReusedError, LedgerCorruptError
from lambdas.wallet.requests import Request
from lambdas.wallet.rule import Rule
from ledger.journal.revision import BlockAddress

HEADER = "Idempotency-Key"
MAX_KEY = 255

_KEY = "^[!-~](?:[ -~]*[!-~])?$"

_FIND = 'SELECT i.request, i.status, i.answer FROM idempotency AS i WHERE i."key" = ?'
_WHERE = 'SELECT c.blockAddress FROM _ql_committed_idempotency AS c WHERE c.data."key" = ?'
_INSERT = "INSERT INTO idempotency ?"


def key_of(event: gateway.Event) -> str | None:
    """Read the call's Idempotency-Key: 1 to 255 printable ASCII characters, or None. Raises BadInputError."""
    value = gateway.header(event, HEADER)
    return None if value is None else KEY.check(value, HEADER)


def _key(value: str, field: str) -> str:
    key = value.strip()
    if len(key) > MAX_KEY or not re.fullmatch(_KEY, key):
        raise BadInputError(
            f"{field} must have 1 to {MAX_KEY} printable ASCII characters; send a new UUID for each request",
            field=field,
        )
    return key


KEY = Rule(
    _key,
    {
        "type": "string",
        "maxLength": MAX_KEY,
        "pattern": _KEY,
        "description": "1 to 255 printable ASCII characters; a call that is sent again with its key is done once",
        "examples": ["3f1c6f5e-8a52-4f0e-9a53-0d6c1c1a7a01"],
    },
)


def earlier_answer(txn: Executor, key: str, request: Request) -> Answer | None:
    """Give what the first copy of this call was answered, if there was one. Raises KeyReusedError."""
    rows = list(txn.execute_statement(_FIND, key))
    if len(rows) > 1:
        raise LedgerCorruptError("one idempotency key has two answers")
    if not rows:
        return None
    if str(rows[0]["request"]) != request.fingerprint():
        raise KeyReusedError
    return Answer(int(rows[0]["status"]), jsontext.loads(str(rows[0]["answer"])), replayed=True)


def earlier_block(txn: Executor, key: str) -> BlockAddress:
    """Give the block of the transaction of the first copy of this call, which there was."""
    (row,) = txn.execute_statement(_WHERE, key)
    return BlockAddress(str(row["blockAddress"]["strandId"]), int(row["blockAddress"]["sequenceNo"]))


def remember(txn: Executor, key: str, request: Request, answer: Answer) -> None:
    """Write the key and the answer beside what the call wrote."""
    text = jsontext.dumps(dict(answer.fields))
    document = {"key": key, "request": request.fingerprint(), "status": answer.status, "answer": text}
    txn.execute_statement(_INSERT, document)
