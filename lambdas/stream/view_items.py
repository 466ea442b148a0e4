"""The items of the view of the wallets' transactions: the shape that its writer, its rebuild and its reader share.

An item is one revision of a wallet: partition key `wallet` (S, the document's id), sort key `version` (N). Further
attributes: `hash` (B, the revision's), `transactionId`, `transactionTime` (S, ISO 8601), `blockAddress` (M:
`strandId` S, `sequenceNo` N), and those of DATA as far as the revision has them. `deleted` (BOOL) is true at a
deletion, `redacted` at a revision whose data was erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from lambdas.stream.transactions import Transaction
from lambdas.wallet import money
from ledger import clock
from ledger.journal.revision import BlockAddress

Item: TypeAlias = Mapping[str, Any]
"""An item as DynamoDB's API has it: by name, `{type: value}`."""

MONEY = {"amount": "amount", "currentBalance": "current_balance", "previousBalance": "previous_balance"}
TEXTS = {"kind": "kind", "counterparty": "counterparty"}
DATA = TEXTS | MONEY
"""The attributes that tell the revision's data, which redaction erases, and the fields of Transaction they are of.

Texts are S; amounts and balances N, exact.
"""


class Claim(NamedTuple):
    """Which revision an item says that it is, and in which block."""

    wallet: str
    version: int
    address: BlockAddress


_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def written(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as DynamoDB's API takes them."""
    return {name: _serialize(value) for name, value in values.items()}


def read(item: Item) -> dict[str, Any]:
    """Return the values of an item: numbers are Decimals, binary values bytes."""
    values = {name: _deserialize(value) for name, value in item.items()}
    return {name: bytes(value) if "B" in item[name] else value for name, value in values.items()}


def to_values(transaction: Transaction) -> dict[str, Any]:
    """Return what the item of a transaction holds."""
    data = {name: getattr(transaction, field) for name, field in DATA.items()}
    marks = {"deleted": transaction.deleted, "redacted": transaction.redacted}
    return {
        "wallet": transaction.wallet,
        "version": transaction.version,
        "hash": transaction.hash,
        "transactionId": transaction.transaction_id,
        "transactionTime": clock.write(transaction.transaction_time),
        "blockAddress": transaction.address.to_ion(),
        **{name: value for name, value in data.items() if value is not None},
        **{name: True for name, value in marks.items() if value},
    }


def from_values(values: Mapping[str, Any]) -> Transaction:
    """Return the transaction that an item tells."""
    address = values["blockAddress"]
    data: dict[str, Any] = {field: values[name] for name, field in TEXTS.items() if name in values}
    data |= {field: money.from_ledger(values[name]) for name, field in MONEY.items() if name in values}
    return Transaction(
        wallet=values["wallet"],
        version=int(values["version"]),
        hash=values["hash"],
        transaction_id=values["transactionId"],
        transaction_time=clock.read(values["transactionTime"]),
        address=BlockAddress(address["strandId"], int(address["sequenceNo"])),
        deleted=values.get("deleted", False),
        redacted=values.get("redacted", False),
        **data,
    )


def redacted(transaction: Transaction) -> Transaction:
    """Return what is left of a transaction when its data is erased."""
    nothing: dict[str, Any] = dict.fromkeys(DATA.values())
    return replace(transaction, redacted=True, **nothing)


def claim_of(item: Item) -> Claim | None:
    """Return which revision an item says that it is, None if it has not the shape of one."""
    values = read(item)
    try:
        address = BlockAddress(str(values["blockAddress"]["strandId"]), int(values["blockAddress"]["sequenceNo"]))
        return Claim(values["wallet"], int(values["version"]), address)
    except (KeyError, TypeError, ValueError):
        return None
