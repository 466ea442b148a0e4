"""The calls' bodies as typed, frozen requests. Every `parse` raises BadInputError naming the field at fault."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from lambdas import jsontext
from lambdas.errors import BadInputError
from lambdas.wallet import fields, money

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What all requests have: the call's name and a hash that tells two requests apart."""

    operation: ClassVar[str]

    def fingerprint(self) -> str:
        """Hash the call and its normalised fields (SHA-256, hex): equal for 250 and 250.00, Ana@ and ana@."""
        return hashlib.sha256(jsontext.dumps([self.operation, *astuple(self)]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CreateAccount(Request):
    """Open an account with nothing in it."""

    operation: ClassVar[str] = "createaccount"
    email: str
    username: str

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read `{"email","username"}`."""
        _only(body, required=("email", "username"))
        return cls(fields.email(body["email"]), fields.username(body["username"]))


@dataclass(frozen=True, slots=True)
class CheckFunds(Request):
    """Read an account's balances."""

    operation: ClassVar[str] = "checkfunds"
    email: str

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read `{"email"}`."""
        _only(body, required=("email",))
        return cls(fields.email(body["email"]))


@dataclass(frozen=True, slots=True)
class AddFunds(Request):
    """Put money into an account."""

    operation: ClassVar[str] = "addfunds"
    email: str
    amount: Decimal

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read `{"email","AddFunds"}`."""
        _only(body, required=("email", "AddFunds"))
        return cls(fields.email(body["email"]), money.amount(body["AddFunds"], "AddFunds"))


@dataclass(frozen=True, slots=True)
class WithdrawFunds(Request):
    """Take money out of an account."""

    operation: ClassVar[str] = "withdrawfunds"
    email: str
    amount: Decimal

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read `{"email","WithdrawFunds"}`."""
        _only(body, required=("email", "WithdrawFunds"))
        return cls(fields.email(body["email"]), money.amount(body["WithdrawFunds"], "WithdrawFunds"))


@dataclass(frozen=True, slots=True)
class TransferFunds(Request):
    """Move money from one account to another."""

    operation: ClassVar[str] = "transferfunds"
    sender: str
    receiver: str
    amount: Decimal

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read `{"from","to","TransferFunds"}`; the two must be different accounts."""
        _only(body, required=("from", "to", "TransferFunds"))
        sender, receiver = fields.email(body["from"], "from"), fields.email(body["to"], "to")
        if sender == receiver:
            raise BadInputError("from and to are the same account; send two different ones", field="to")
        return cls(sender, receiver, money.amount(body["TransferFunds"], "TransferFunds"))


@dataclass(frozen=True, slots=True)
class History(Request):
    """Read an account's revisions, newest first, a page at a time."""

    operation: ClassVar[str] = "history"
    email: str
    page_size: int
    page_token: str | None

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read `{"email"}`, perhaps with `"pageSize"` and `"pageToken"` (an earlier answer's nextPageToken)."""
        _only(body, required=("email",), optional=("pageSize", "pageToken"))
        return cls(
            fields.email(body["email"]),
            fields.page_size(body["pageSize"]) if "pageSize" in body else fields.DEFAULT_PAGE_SIZE,
            fields.page_token(body["pageToken"]) if "pageToken" in body else None,
        )


@dataclass(frozen=True, slots=True)
class Digest(Request):
    """Read the ledger's digest."""

    operation: ClassVar[str] = "digest"

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read `{}`."""
        _only(body, required=())
        return cls()


@dataclass(frozen=True, slots=True)
class Verify(Request):
    """Read a revision of an account with its proof."""

    operation: ClassVar[str] = "verify"
    email: str
    version: int | None
    digest_tip_address: str | None

    @classmethod
    def parse(cls, body: Body) -> Self:
        """Read `{"email"}`, perhaps with `"version"`, and with the `"digestTipAddress"` of a digest that was kept."""
        _only(body, required=("email",), optional=("version", "digestTipAddress"))
        return cls(
            fields.email(body["email"]),
            fields.version(body["version"]) if "version" in body else None,
            fields.digest_tip_address(body["digestTipAddress"]) if "digestTipAddress" in body else None,
        )


def _only(body: Body, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    allowed = ", ".join([*required, *(f"{name} (optional)" for name in optional)]) or "no fields"
    unknown = [name for name in body if name not in required and name not in optional]
    if unknown:
        names = ", ".join(jsontext.shown_name(name) for name in unknown[:5])
        raise BadInputError(f"unknown field {names}; this call takes {allowed}")
    for name in required:
        if name not in body:
            raise BadInputError(f"{name} is missing; this call takes {allowed}", field=name)
