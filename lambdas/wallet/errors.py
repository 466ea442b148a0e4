"""Why the wallet refuses a call. Apart from each other: rejected, conflict (try again), unknown outcome, corrupt."""

from __future__ import annotations

from decimal import Decimal

from lambdas.errors import CallError
from lambdas.wallet.money import LIMIT


class CallerUnknownError(CallError):
    """Rejected: callers may only use their own wallets, and nothing vouches for this one's e-mail."""

    def __init__(self) -> None:
        super().__init__(
            "the call comes without a verified e-mail address; sign in as a user who has one, and send the ID token, "
            "not the access token"
        )


class NotYourWalletError(CallError):
    """Rejected: the request is about the wallet of somebody else than its caller."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is not the e-mail address of the caller; send your own", field=field)


class NoSuchAccountError(CallError):
    """Rejected: no account has this e-mail."""

    def __init__(self, field: str) -> None:
        super().__init__(f"no account has the e-mail in {field}; create it with createaccount first", field=field)


class NoSuchRevisionError(CallError):
    """Rejected: the account has not changed so often."""

    def __init__(self, newest: int) -> None:
        super().__init__(
            f"the account has versions 0 to {newest}; send one of them, or no version for the newest", field="version"
        )


class NoNotaryError(CallError):
    """Rejected: nothing is notarised in this deployment."""

    def __init__(self) -> None:
        super().__init__("this deployment has no notary; use verify, which proves a revision against a digest")


class NothingNotarisedError(CallError):
    """Rejected for now: no digest has been notarised yet."""

    def __init__(self) -> None:
        super().__init__("no digest is notarised yet; ask again when Retry-After says")


class NotCoveredYetError(CallError):
    """Rejected for now: the newest notarised digest is older than the transaction."""

    def __init__(self, newest: int) -> None:
        super().__init__(
            f"the newest notarised digest, {newest}, is older than the transaction; ask again when Retry-After says"
        )


class NoSuchDigestError(CallError):
    """Rejected: no notarised digest has this number."""

    def __init__(self, newest: int) -> None:
        super().__init__(
            f"there are notarised digests 0 to {newest}; send one of them, or no digestNumber for the newest",
            field="digestNumber",
        )


class ReceiptMismatchError(CallError):
    """Rejected: the ledger does not hold what the receipt says; one of the two was changed."""

    def __init__(self, field: str) -> None:
        super().__init__(
            f"the ledger does not hold what the receipt says in {field}; send the receipt as it was given, "
            "and if that is what you did, keep it and have the ledger audited",
            field=field,
        )


class AccountExistsError(CallError):
    """Rejected: there is an account with this e-mail already."""

    def __init__(self) -> None:
        super().__init__("an account with this e-mail exists already; use it, or another e-mail", field="email")


class InsufficientFundsError(CallError):
    """Rejected: the account holds less than the call would take out."""

    def __init__(self, balance: Decimal) -> None:
        super().__init__(
            "the account's funds are short; ask for at most CurrentBalance, or add funds first", CurrentBalance=balance
        )


class BalanceLimitError(CallError):
    """Rejected: the balance would get too large to be kept exactly by every reader of it."""

    def __init__(self) -> None:
        super().__init__(f"the balance must stay below {LIMIT}; send a smaller amount")


class KeyReusedError(CallError):
    """Rejected: the idempotency key was used for another request."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request; send a new key with a new request")


class LedgerBusyError(CallError):
    """Conflict: other calls kept changing the same accounts, or the ledger is at its limits. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("the account is being changed by other calls, nothing was written; send the request again")


class DigestsUnavailableError(CallError):
    """Conflict: where the notarised digests are kept, or their keys, cannot be reached. The call only reads."""

    def __init__(self) -> None:
        super().__init__("the notarised digests cannot be read just now; send the request again")


class UnknownOutcomeError(CallError):
    """Unknown outcome: the ledger could not tell whether the change was committed."""

    def __init__(self) -> None:
        super().__init__(
            "it is unknown whether this call was carried out; repeat it with the same Idempotency-Key, "
            "or, if it had none, check the balance first"
        )


class LedgerCorruptError(Exception):
    """Corrupt: what the ledger holds breaks a rule of the wallet, so no call on it may go on."""
