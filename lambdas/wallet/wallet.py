"""The wallet: what each call does to the ledger, as one transaction.

Its rules: a balance is never negative and never reaches `money.LIMIT`; a transfer takes from one account exactly what
it gives to the other; a call that is refused leaves the ledger as it was. What a transaction reads is part of what its
commit relies on, so the rules hold whatever runs at the same time, and the order of reads does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyqldb.driver.qldb_driver import QldbDriver
from pyqldb.execution.executor import Executor

from lambdas import tracing
from lambdas.errors import CallError
from lambdas.gateway import Answer
from lambdas.wallet import accounts, history, idempotency, money, requests
from lambdas.wallet.accounts import Account, Change, Kind
from lambdas.wallet.errors import AccountExistsError, BalanceLimitError, InsufficientFundsError
from lambdas.wallet.profiles import Profiles
from lambdas.wallet.receipts import Done, Receipts, Written


@dataclass(frozen=True, slots=True)
class Decision:
    """What a call comes to: its answer, and the accounts' changes that are to be written with it."""

    answer: Answer
    changes: tuple[tuple[Account, Change], ...]


class Wallet:
    """The calls on one ledger. Safe for threads, as the driver is.

    Every call raises a CallError if it is refused, and what pyqldb raises if the ledger fails.
    """

    def __init__(self, driver: QldbDriver, profiles: Profiles | None = None, receipts: Receipts | None = None) -> None:
        """Take the driver of a ledger that has the wallet's tables.

        Without profiles, pending ones stay pending; without receipts, no call may be asked for one.
        """
        self._driver = driver
        self._profiles = profiles
        self._receipts = receipts

    def create_account(
        self, request: requests.CreateAccount, key: str | None = None, *, receipt: bool = False
    ) -> Answer:
        """Open an account. Raises AccountExistsError."""
        answer = self._once(request, key, lambda txn: self._create(txn, request), receipt=receipt)
        if self._profiles is not None:
            self._profiles.ensure(request.email, request.username)
        return answer

    def check_funds(self, request: requests.CheckFunds) -> Answer:
        """Read an account's balances. Raises NoSuchAccountError."""
        with tracing.subsegment("transaction"):
            account: Account = self._driver.execute_lambda(lambda txn: accounts.get(txn, request.email))
        balances = {"CurrentBalance": account.current_balance, "PreviousBalance": account.previous_balance}
        return Answer(200, {"email": account.email, "username": account.username, **balances})

    def add_funds(self, request: requests.AddFunds, key: str | None = None, *, receipt: bool = False) -> Answer:
        """Put money into an account. Raises NoSuchAccountError, BalanceLimitError."""
        return self._once(request, key, lambda txn: self._add(txn, request), receipt=receipt)

    def withdraw_funds(
        self, request: requests.WithdrawFunds, key: str | None = None, *, receipt: bool = False
    ) -> Answer:
        """Take money out of an account. Raises NoSuchAccountError, InsufficientFundsError."""
        return self._once(request, key, lambda txn: self._withdraw(txn, request), receipt=receipt)

    def transfer_funds(
        self, request: requests.TransferFunds, key: str | None = None, *, receipt: bool = False
    ) -> Answer:
        """Move money between two accounts. Raises NoSuchAccountError, InsufficientFundsError, BalanceLimitError."""
        return self._once(request, key, lambda txn: self._transfer(txn, request), receipt=receipt)

    def history(self, request: requests.History) -> Answer:
        """Read a page of an account's revisions, newest first. Raises NoSuchAccountError, BadInputError."""
        with tracing.subsegment("transaction"):
            page: Answer = self._driver.execute_lambda(lambda txn: history.page(txn, request))
        return page

    def _once(
        self, request: requests.Changing, key: str | None, decide: Callable[[Executor], Decision], *, receipt: bool
    ) -> Answer:
        with tracing.subsegment("transaction"):
            outcome: Done | CallError = self._driver.execute_lambda(
                lambda txn: _run(txn, request, key, decide, receipt)
            )
        if isinstance(outcome, CallError):
            raise outcome
        if not receipt:
            return outcome.answer
        if self._receipts is None:
            raise TypeError("this wallet was opened without receipts; open it with Receipts of its ledger")
        return self._receipts.added_to(outcome)

    def _create(self, txn: Executor, request: requests.CreateAccount) -> Decision:
        existing = accounts.find(txn, request.email)
        if existing is not None:
            self._profile_pending(existing)
            raise AccountExistsError
        account = accounts.new(request.email, request.username)
        change = Change(Kind.CREATE, money.ZERO, money.ZERO, profile_pending=True)
        answer = _done(201, "account created", status="created", **_balances(account, change))
        return Decision(answer, ((account, change),))

    def _add(self, txn: Executor, request: requests.AddFunds) -> Decision:
        account = accounts.get(txn, request.email)
        change = self._change(account, Kind.ADD, request.amount)
        return Decision(_done(200, "funds added", **_balances(account, change)), ((account, change),))

    def _withdraw(self, txn: Executor, request: requests.WithdrawFunds) -> Decision:
        account = accounts.get(txn, request.email)
        change = self._change(account, Kind.WITHDRAW, -request.amount)
        return Decision(_done(200, "funds withdrawn", **_balances(account, change)), ((account, change),))

    def _transfer(self, txn: Executor, request: requests.TransferFunds) -> Decision:
        sender = accounts.get(txn, request.sender, "from")
        receiver = accounts.get(txn, request.receiver, "to")
        sent = self._change(sender, Kind.SEND, -request.amount, receiver.email)
        received = self._change(receiver, Kind.RECEIVE, request.amount, sender.email)
        balances = {"from": _balances(sender, sent), "to": _balances(receiver, received)}
        return Decision(_done(200, "funds transferred", **balances), ((sender, sent), (receiver, received)))

    def _change(self, account: Account, kind: Kind, signed: Decimal, counterparty: str | None = None) -> Change:
        balance = account.current_balance + signed
        if balance < 0:
            raise InsufficientFundsError(account.current_balance)
        if balance >= money.LIMIT:
            raise BalanceLimitError
        return Change(kind, abs(signed), balance, counterparty, self._profile_pending(account))

    def _profile_pending(self, account: Account) -> bool:
        """Write the account's profile if it is pending, and tell whether it still is.

        A profile is written after the commit that creates its account, so a process that dies in between leaves the
        account without one. The account's first revision therefore says that its profile is pending, and the next
        call that changes the account writes the profile, if it is missing, before it commits a revision that no
        longer says so. Writing it twice, or in a transaction that then fails, does no harm.
        """
        if not account.profile_pending:
            return False
        return self._profiles is None or not self._profiles.ensure(account.email, account.username)


def _run(
    txn: Executor, request: requests.Changing, key: str | None, decide: Callable[[Executor], Decision], receipt: bool
) -> Done | CallError:
    """Decide, then write. A refusal is given back, not raised, so that the driver commits what was read for it.

    Nothing is written before the decision stands, so that commit writes nothing: it only checks that all that the
    refusal rests on held at one instant. Without it, the slower of two copies of one withdrawal could look its key up
    before the other commits and the balance after, and be told that funds are short.
    """
    try:
        earlier = None if key is None else idempotency.earlier_answer(txn, key, request)
        if earlier is not None:
            return Done(earlier, _written_earlier(txn, request, key) if receipt else ())
        decision = decide(txn)
    except CallError as refusal:
        return refusal
    written = [accounts.write(txn, account, change) for account, change in decision.changes]
    if key is not None:
        idempotency.remember(txn, key, request, decision.answer)
    places = zip(_sides(request), written, strict=True)
    return Done(decision.answer, tuple(Written(side, each, txn.transaction_id) for side, each in places))


def _written_earlier(txn: Executor, request: requests.Changing, key: str | None) -> tuple[Written, ...]:
    """Tell what the first copy of a call wrote: its key is in the very block that holds its accounts' revisions."""
    block = idempotency.earlier_block(txn, str(key))
    found = {side: accounts.get(txn, email).document_id for side, email in _sides(request).items()}
    return tuple(Written(side, str(each), block) for side, each in found.items())


def _sides(request: requests.Changing) -> dict[str | None, str]:
    """Give the accounts that a call changes, by the field of its answer that tells of each."""
    if isinstance(request, requests.TransferFunds):
        return {"from": request.sender, "to": request.receiver}
    return {None: request.email}


def _done(statuscode: int, message: str, **fields: Any) -> Answer:
    return Answer(statuscode, {"message": message, "statuscode": statuscode, **fields})


def _balances(account: Account, change: Change) -> dict[str, Decimal]:
    return {"CurrentBalance": change.balance, "PreviousBalance": account.current_balance}
