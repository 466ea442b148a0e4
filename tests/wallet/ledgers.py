"""What the wallet's tests do with a ledger beside calling the wallet."""

from decimal import Decimal
from typing import Any

from custom_resources.ledger_tables.handler import bring_about
from custom_resources.ledger_tables.properties import Properties
from lambdas.gateway import Answer
from lambdas.wallet.requests import AddFunds, CheckFunds, CreateAccount, History, TransferFunds, WithdrawFunds
from lambdas.wallet.wallet import Wallet
from ledger import settings, strand
from ledger.store import Store

LEDGER_NAME = "captable1"
ANA, BOB = "ana@example.com", "bob@example.com"


class Profiles:
    """A profile table in memory, which fails while `down`."""

    def __init__(self) -> None:
        self.down = False
        self.puts = 0
        self.by_email: dict[str, str] = {}

    def ensure(self, email: str, username: str) -> bool:
        self.puts += 1
        if not self.down:
            self.by_email.setdefault(email, username)
        return not self.down


def create_ledger(store: Store, *, strands: int) -> None:
    """Make the ledger and its tables as a deployment does."""
    wanted = {
        "LedgerName": LEDGER_NAME,
        "LedgerTable": "unused",
        "Strands": str(strands),
        "Tables": [{"Name": "wallettable", "Indexes": ["email"]}, {"Name": "idempotency", "Indexes": ["key"]}],
    }
    bring_about(store, Properties.parse(wanted))


def journal_length(store: Store) -> int:
    """Count the blocks on all strands, but for the first of each."""
    strands = settings.load(store, LEDGER_NAME).strands
    return sum(strand.tip(store, strand_id).address.sequence_no for strand_id in strands)


def open_account(wallet: Wallet, email: str, funds: str = "0") -> None:
    wallet.create_account(CreateAccount(email, email.partition("@")[0].title()))
    if Decimal(funds):
        add(wallet, email, funds)


def add(wallet: Wallet, email: str, amount: str, key: str | None = None) -> Answer:
    return wallet.add_funds(AddFunds(email, Decimal(amount)), key)


def withdraw(wallet: Wallet, email: str, amount: str, key: str | None = None) -> Answer:
    return wallet.withdraw_funds(WithdrawFunds(email, Decimal(amount)), key)


def transfer(wallet: Wallet, sender: str, receiver: str, amount: str, key: str | None = None) -> Answer:
    return wallet.transfer_funds(TransferFunds(sender, receiver, Decimal(amount)), key)


def balance(wallet: Wallet, email: str) -> Decimal:
    found = wallet.check_funds(CheckFunds(email)).fields["CurrentBalance"]
    assert isinstance(found, Decimal)
    return found


def revisions(wallet: Wallet, email: str, page_size: int = 100) -> list[dict[str, Any]]:
    """Read an account's whole history, oldest first."""
    found: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        page = wallet.history(History(email, page_size, token)).fields
        found += page["revisions"]
        token = page.get("nextPageToken")
        if token is None:
            return found[::-1]
