"""Which wallets a caller may use: any, or the one of the e-mail that API Gateway's authorizer vouches for.

IAM lets in callers who act for everybody, such as a backend. An authorizer lets in people, each with a wallet of their
own. Which of both it is, is a setting of the deployed function, so an event without what the authorizer says is refused
whatever the API's methods look like.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self, TypeVar

from lambdas.errors import BadInputError
from lambdas.gateway import Answer, Event
from lambdas.wallet import fields, requests
from lambdas.wallet.errors import CallerUnknownError, NotYourWalletError

R = TypeVar("R", bound=requests.Request)

SETTING = "CALLER_EMAIL_FROM"
"""The environment variable that names a Source."""


class Source(StrEnum):
    """Where API Gateway puts the caller's e-mail address."""

    CLAIMS = "claims"
    """The claims of a Cognito user pool's ID token, one of which says whether the address is verified."""

    CONTEXT = "context"
    """The key `email` of a Lambda authorizer's context; that authorizer has verified it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `email` names the one wallet that is the caller's own; None is for a caller who may use every one."""

    email: str | None

    def own(self, request: R) -> R:
        """Give the request back if it is about the caller's own wallet. Raises NotYourWalletError."""
        wallet = _wallet(request)
        if self.email is not None and wallet is not None and wallet[1] != self.email:
            raise NotYourWalletError(wallet[0])
        return request

    def key(self, key: str | None) -> str | None:
        """Give the idempotency key as the ledger is to keep it: one caller's keys never meet another's."""
        if key is None or self.email is None:
            return key
        return hashlib.sha256(f"{self.email}\n{key}".encode()).hexdigest()

    def shown(self, answer: Answer) -> Answer:
        """Give an answer to a transfer as the caller may see it: the receiver's balances are the receiver's."""
        if self.email is None:
            return answer
        return replace(answer, fields={name: value for name, value in answer.fields.items() if name != "to"})


@dataclass(frozen=True, slots=True)
class Access:
    """The rule that a function is deployed with: where a caller's e-mail is; None lets a caller use every wallet."""

    source: Source | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read CALLER_EMAIL_FROM. Raises ValueError if it is set to anything but a Source."""
        return cls(Source(environment[SETTING]) if SETTING in environment else None)

    def caller(self, event: Event) -> Caller:
        """Tell who calls. Raises CallerUnknownError if the authorizer vouches for no e-mail address."""
        match self.source:
            case None:
                return Caller(None)
            case Source.CLAIMS:
                return Caller(_verified_email(_authorizer(event).get("claims")))
            case Source.CONTEXT:
                return Caller(_email(_authorizer(event).get("email")))


def _authorizer(event: Event) -> Mapping[str, Any]:
    found = (event.get("requestContext") or {}).get("authorizer")
    return found if isinstance(found, Mapping) else {}


def _verified_email(claims: object) -> str:
    # API Gateway makes text of all claims.
    if not isinstance(claims, Mapping) or claims.get("email_verified") != "true":
        raise CallerUnknownError
    return _email(claims.get("email"))


def _email(value: object) -> str:
    try:
        return fields.email(value)
    except BadInputError:
        raise CallerUnknownError from None


def _wallet(request: requests.Request) -> tuple[str, str] | None:
    """Give the field and the e-mail of the wallet that a request looks into or takes from; None if it has none."""
    match request:
        case requests.Digest() | requests.Proof():
            # A proof names a document, and no e-mail: whose it is, is looked up in the ledger.
            return None
        case requests.TransferFunds():
            return "from", request.sender
        case (
            requests.CreateAccount()
            | requests.CheckFunds()
            | requests.AddFunds()
            | requests.WithdrawFunds()
            | requests.History()
            | requests.Verify()
        ):
            return "email", request.email
    raise TypeError(f"no rule says whose wallet a {type(request).__name__} is about; add one here")
