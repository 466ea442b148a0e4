"""Who may call the wallet's API, and whose wallet a caller may use."""

from abc import ABC, abstractmethod
from typing import Literal, NotRequired, TypedDict

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from .findings import acknowledge

_USER_POOL = "AwsSolutions-COG4"
_Type = apigateway.AuthorizationType


class MethodAuthorization(TypedDict):
    """What every method of the API is defined with."""

    authorization_type: apigateway.AuthorizationType
    authorizer: NotRequired[apigateway.IAuthorizer]


class WalletAuthorization(ABC):
    """How API Gateway knows callers: `IamAuthorization`, `CognitoAuthorization` or `LambdaAuthorization`."""

    caller_email_from: Literal["claims", "context"] | None = None
    """Where the functions find the e-mail address of the one wallet that a caller may use; None: callers use any."""

    @abstractmethod
    def bind(self, scope: Construct) -> MethodAuthorization:
        """Return how the methods of the API in `scope` are defined."""


class IamAuthorization(WalletAuthorization):
    """Callers sign with IAM credentials (SigV4) and need `execute-api:Invoke`. They may use every wallet.

    It is for callers that act for others, such as a company's own backend.
    """

    def bind(self, scope: Construct) -> MethodAuthorization:
        """Return methods for signed calls."""
        acknowledge(scope, _USER_POOL, "Callers sign with IAM credentials: there is no user pool")
        return {"authorization_type": _Type.IAM}


class CognitoAuthorization(WalletAuthorization):
    """Callers are users of a Cognito user pool, each with one wallet: that of the e-mail address in the ID token.

    The pool must have verified the address: the functions refuse a token that does not say so, and every request about
    another wallet. Callers send the ID token in `Authorization`, not the access token, which holds no address. Tokens
    of every app client of the pool are taken. A transfer's answer leaves out the receiver's balances.
    """

    caller_email_from = "claims"

    def __init__(self, user_pool: cognito.IUserPool) -> None:
        """Take the users of `user_pool`, which should make its users keep an address until a new one is verified."""
        self._user_pool = user_pool

    def bind(self, scope: Construct) -> MethodAuthorization:
        """Return methods behind an authorizer of the pool, which it makes in `scope`."""
        authorizer = apigateway.CognitoUserPoolsAuthorizer(scope, "Users", cognito_user_pools=[self._user_pool])
        return {"authorization_type": _Type.COGNITO, "authorizer": authorizer}


class LambdaAuthorization(WalletAuthorization):
    """Callers are whom a Lambda authorizer of your own lets in."""

    def __init__(self, authorizer: apigateway.IAuthorizer, *, own_wallet_only: bool = False) -> None:
        """Take a `TokenAuthorizer` or `RequestAuthorizer`, which serves one API.

        By default callers may use every wallet that the authorizer's policy lets them reach, which is all of them. With
        `own_wallet_only` the authorizer must answer with the key `email` in its context, an address that it has
        verified, and the caller may use the wallet of that address and no other.
        """
        self._authorizer = authorizer
        self.caller_email_from = "context" if own_wallet_only else None

    def bind(self, scope: Construct) -> MethodAuthorization:
        """Return methods behind the authorizer."""
        acknowledge(scope, _USER_POOL, "A Lambda authorizer was chosen, which knows users that are in no user pool")
        return {"authorization_type": _Type.CUSTOM, "authorizer": self._authorizer}
