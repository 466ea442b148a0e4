"""What goes on in a wallet: accounts, deposits, withdrawals and transfers, by the wallet's own code."""

import random
from contextlib import closing
from decimal import Decimal

from drill.ground import Ground
from lambdas.wallet.requests import AddFunds, CreateAccount, TransferFunds, WithdrawFunds
from lambdas.wallet.wallet import Wallet
from ledger.driver import connect

_ACCOUNTS = 20


class Life:
    """Calls of the wallet on a ground's ledger, one after the other; they come in the same order each time."""

    def __init__(self, ground: Ground) -> None:
        self._driver = connect(ground.ledger, ground.store)
        self._wallet = Wallet(self._driver)
        self._random = random.Random("drill")  # noqa: S311 - no secret
        self._calls = 0

    def close(self) -> None:
        """Let go of the driver."""
        self._driver.close()

    def go_on(self, calls: int = 1) -> None:
        """Make so many calls, each of which is a transaction with a block of its own."""
        for _ in range(calls):
            self._call(self._calls)
            self._calls += 1

    def _call(self, number: int) -> None:
        if number < _ACCOUNTS:
            self._wallet.create_account(CreateAccount(_email(number), f"Account {number}"))
            return
        account, amount = self._random.randrange(_ACCOUNTS), Decimal(self._random.randrange(1, 5000)) / 100
        if number < 2 * _ACCOUNTS:
            self._wallet.add_funds(AddFunds(_email(number - _ACCOUNTS), Decimal("1000000.00")))
        elif number % 3 == 0:
            self._wallet.add_funds(AddFunds(_email(account), amount))
        elif number % 3 == 1:
            self._wallet.withdraw_funds(WithdrawFunds(_email(account), amount))
        else:
            self._wallet.transfer_funds(TransferFunds(_email(account), _email((account + 7) % _ACCOUNTS), amount))


def _email(number: int) -> str:
    return f"account{number}@example.com"


def pay_out(ground: Ground, email: str) -> str:
    """Withdraw from an account; give words about it."""
    with closing(connect(ground.ledger, ground.store)) as driver:
        Wallet(driver).withdraw_funds(WithdrawFunds(email, Decimal("500000000.00")))
    return "500000000.00 withdrawn by a genuine call"
