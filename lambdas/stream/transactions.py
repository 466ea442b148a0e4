"""The wallet's transactions, as the revisions of its table tell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lambdas.stream.errors import UnusableRevisionError
from lambdas.stream.records import Fields, Revision
from lambdas.wallet import money
from ledger import ion
from ledger.ion import IonType
from ledger.journal.revision import BlockAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One change of one wallet: a revision of its document. A transfer is two of them, with one transaction id.

    `wallet` is the document's id, `hash` the revision's. A deletion, and a revision whose data was redacted, has none
    of the fields that are None by default; any other revision has those that its document has.
    """

    wallet: str
    version: int
    hash: bytes
    transaction_id: str
    transaction_time: datetime
    address: BlockAddress
    kind: str | None = None
    amount: Decimal | None = None
    counterparty: str | None = None
    current_balance: Decimal | None = None
    previous_balance: Decimal | None = None
    deleted: bool = False
    redacted: bool = False

    @classmethod
    def of(cls, revision: Revision) -> Transaction:
        """Return what a revision of the wallet's table says. Raises UnusableRevisionError."""
        fields = revision.data or {}
        return cls(
            wallet=revision.metadata.id,
            version=revision.metadata.version,
            hash=revision.hash,
            transaction_id=revision.metadata.tx_id,
            transaction_time=revision.metadata.tx_time,
            address=revision.address,
            kind=_text(fields, "kind"),
            amount=_money(fields, "amount"),
            counterparty=_text(fields, "counterparty"),
            current_balance=_money(fields, "CurrentBalance"),
            previous_balance=_money(fields, "PreviousBalance"),
            deleted=revision.is_deletion,
            redacted=revision.data_hash is not None,
        )


def _text(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    if ion.is_null(value):
        return None
    if not isinstance(value, str):
        raise UnusableRevisionError(f"{name} is not a string")
    return str(value)


def _money(fields: Fields, name: str) -> Decimal | None:
    value = fields.get(name)
    if ion.is_null(value):
        return None
    try:
        if ion.type_of(value) in (IonType.INT, IonType.DECIMAL):
            return money.from_ledger(value)
    except (ValueError, ArithmeticError):
        pass  # not whole cents, or of too many digits
    raise UnusableRevisionError(f"{name} is not an exact amount of money")
