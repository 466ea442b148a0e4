"""The calls' bodies as typed, frozen requests, which read themselves out of a body and say how it must be made."""

# Without `from __future__ import annotations`: a request finds its members in its annotations, as objects.

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias

from lambdas import jsontext
from lambdas.errors import BadInputError
from lambdas.wallet import evidence_fields, fields, money
from lambdas.wallet.rule import Rule, Schema
from ledger.journal.revision import BlockAddress

Body = Mapping[str, Any]

REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a body: its name there, what it may hold, and what it counts as when it is left out, if it may be."""

    name: str
    rule: Rule[Any]
    default: object = REQUIRED

    @property
    def required(self) -> bool:
        """Whether the field must be there."""
        return self.default is REQUIRED

    def read(self, body: Body) -> Any:
        """Take the field out of a body that has it if it must. Raises BadInputError naming it."""
        return self.rule.check(body[self.name], self.name) if self.name in body else self.default


DigestNumber = Annotated[int | None, Member("digestNumber", evidence_fields.DIGEST_NUMBER, None)]
Email = Annotated[str, Member("email", fields.EMAIL)]

_RECEIVER = replace(fields.EMAIL, schema={**fields.EMAIL.schema, "examples": ["bob@example.com"]})


@dataclass(frozen=True, slots=True)
class Request:
    """What all requests have: the call's name, and fields, each annotated with the member of the body that it is."""

    operation: ClassVar[str]
    members: ClassVar[tuple[Member, ...]]

    def __init_subclass__(cls) -> None:
        """Collect the members from the fields' annotations, in their order."""
        cls.members = tuple(
            member for kind in cls.__annotations__.values() for member in getattr(kind, "__metadata__", ())
        )

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read the request out of a body. Raises BadInputError naming the field at fault."""
        _only(body, cls.members)
        return cls(*(member.read(body) for member in cls.members))

    @classmethod
    def schema(cls) -> Schema:
        """Describe the bodies that `parse` takes."""
        return {
            "type": "object",
            "properties": {member.name: member.rule.schema for member in cls.members},
            "required": [member.name for member in cls.members if member.required],
            "additionalProperties": False,
        }

    def fingerprint(self) -> str:
        """Hash the call and its normalised fields (SHA-256, hex): equal for 250 and 250.00, Ana@ and ana@."""
        return hashlib.sha256(jsontext.dumps([self.operation, *astuple(self)]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CreateAccount(Request):
    """Open an account with nothing in it."""

    operation: ClassVar[str] = "createaccount"
    email: Email
    username: Annotated[str, Member("username", fields.USERNAME)]


@dataclass(frozen=True, slots=True)
class CheckFunds(Request):
    """Read an account's balances."""

    operation: ClassVar[str] = "checkfunds"
    email: Email


@dataclass(frozen=True, slots=True)
class AddFunds(Request):
    """Put money into an account."""

    operation: ClassVar[str] = "addfunds"
    email: Email
    amount: Annotated[Decimal, Member("AddFunds", money.AMOUNT)]


@dataclass(frozen=True, slots=True)
class WithdrawFunds(Request):
    """Take money out of an account."""

    operation: ClassVar[str] = "withdrawfunds"
    email: Email
    amount: Annotated[Decimal, Member("WithdrawFunds", money.AMOUNT)]


@dataclass(frozen=True, slots=True)
class TransferFunds(Request):
    """Move money from one account to another."""

    operation: ClassVar[str] = "transferfunds"
    sender: Annotated[str, Member("from", fields.EMAIL)]
    receiver: Annotated[str, Member("to", _RECEIVER)]
    amount: Annotated[Decimal, Member("TransferFunds", money.AMOUNT)]

    def __post_init__(self) -> None:
        """Raise BadInputError if sender and receiver are one account."""
        if self.sender == self.receiver:
            raise BadInputError("from and to are the same account; send two different ones", field="to")


Changing: TypeAlias = CreateAccount | AddFunds | WithdrawFunds | TransferFunds
"""The requests that change accounts."""


@dataclass(frozen=True, slots=True)
class History(Request):
    """Read an account's revisions, newest first, a page at a time."""

    operation: ClassVar[str] = "history"
    email: Email
    page_size: Annotated[int, Member("pageSize", fields.PAGE_SIZE, fields.DEFAULT_PAGE_SIZE)]
    page_token: Annotated[str | None, Member("pageToken", fields.PAGE_TOKEN, None)]


@dataclass(frozen=True, slots=True)
class Digest(Request):
    """Read the ledger's digest, and a notarised one."""

    operation: ClassVar[str] = "digest"
    digest_number: DigestNumber


@dataclass(frozen=True, slots=True)
class Proof(Request):
    """Read the proof of a receipt against a notarised digest."""

    operation: ClassVar[str] = "proof"
    document_id: Annotated[str, Member("documentId", evidence_fields.DOCUMENT_ID)]
    block_address: Annotated[BlockAddress, Member("blockAddress", evidence_fields.BLOCK_ADDRESS)]
    ledger: Annotated[str | None, Member("ledger", evidence_fields.COPY, None)]
    transaction_id: Annotated[str | None, Member("transactionId", evidence_fields.COPY, None)]
    block_timestamp: Annotated[str | None, Member("blockTimestamp", evidence_fields.COPY, None)]
    version: Annotated[int | None, Member("version", evidence_fields.VERSION, None)]
    hash: Annotated[str | None, Member("hash", evidence_fields.COPY, None)]
    revision: Annotated[str | None, Member("revision", evidence_fields.COPY, None)]
    digest_number: DigestNumber

    @property
    def copies(self) -> dict[str, str | int]:
        """What the receipt says beside where it is, as far as it was sent."""
        said = {
            "ledger": self.ledger,
            "transactionId": self.transaction_id,
            "blockTimestamp": self.block_timestamp,
            "version": self.version,
            "hash": self.hash,
            "revision": self.revision,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Verify(Request):
    """Read a revision of an account with its proof."""

    operation: ClassVar[str] = "verify"
    email: Email
    version: Annotated[int | None, Member("version", fields.VERSION, None)]
    digest_tip_address: Annotated[str | None, Member("digestTipAddress", fields.DIGEST_TIP_ADDRESS, None)]


def _only(body: Body, members: tuple[Member, ...]) -> None:
    allowed = ", ".join(member.name if member.required else f"{member.name} (optional)" for member in members)
    unknown = [name for name in body if name not in {member.name for member in members}]
    if unknown:
        names = ", ".join(jsontext.shown_name(name) for name in unknown[:5])
        raise BadInputError(f"unknown field {names}; this call takes {allowed or 'no fields'}")
    for member in members:
        if member.required and member.name not in body:
            raise BadInputError(f"{member.name} is missing; this call takes {allowed}", field=member.name)
