"""The wallet against a model of it, in any order of calls, repeats, conflicts and restarts."""

import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from lambdas.errors import CallError
from lambdas.gateway import Answer
from lambdas.wallet import connection, money
from lambdas.wallet.errors import (
    AccountExistsError,
    BalanceLimitError,
    InsufficientFundsError,
    KeyReusedError,
    NoSuchAccountError,
)
from lambdas.wallet.requests import AddFunds, CheckFunds, CreateAccount, Request, TransferFunds, WithdrawFunds
from lambdas.wallet.wallet import Wallet
from ledger import driver as ledger_driver
from ledger.audit import audit
from ledger.store import SQLiteStore
from tests.wallet.interruption import Overtaken
from tests.wallet.ledgers import LEDGER_NAME, Profiles, create_ledger, journal_length, revisions

EMAILS = [f"user{number}@example.com" for number in range(3)]
emails = st.sampled_from(EMAILS)
amounts = st.sampled_from([Decimal("0.01"), Decimal("99.99"), Decimal("100.00"), Decimal("999999999999.99")]) | (
    st.decimals(min_value=Decimal("0.01"), max_value=Decimal(200), places=2)
)
changes = (
    st.builds(CreateAccount, emails, st.just("User"))
    | st.builds(AddFunds, emails, amounts)
    | st.builds(WithdrawFunds, emails, amounts)
    | st.builds(lambda pair, amount: TransferFunds(*pair[:2], amount), st.permutations(EMAILS), amounts)
)


class Model:
    """What the accounts should hold, worked out the plain way."""

    def __init__(self):
        self.balances: dict[str, Decimal] = {}
        self.versions: dict[str, int] = {}

    def refusal(self, request: Request) -> type[CallError] | None:
        """Tell why the request must be refused, if it must be."""
        if isinstance(request, CreateAccount):
            return AccountExistsError if request.email in self.balances else None
        moves = self._moves(request)
        if any(email not in self.balances for email in moves):
            return NoSuchAccountError
        if any(self.balances[email] + change < 0 for email, change in moves.items()):
            return InsufficientFundsError
        if any(self.balances[email] + change >= money.LIMIT for email, change in moves.items()):
            return BalanceLimitError
        return None

    def apply(self, request: Request) -> None:
        for email, change in self._moves(request).items():
            self.balances[email] = self.balances.get(email, Decimal(0)) + change
            self.versions[email] = self.versions.get(email, -1) + 1

    def _moves(self, request: Request) -> dict[str, Decimal]:
        match request:
            case CreateAccount():
                return {request.email: Decimal(0)}
            case AddFunds():
                return {request.email: request.amount}
            case WithdrawFunds():
                return {request.email: -request.amount}
            case TransferFunds():
                return {request.sender: -request.amount, request.receiver: request.amount}
        raise AssertionError(request)


class WalletMachine(RuleBasedStateMachine):
    strands = 1
    kept = Bundle("kept")

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model = Model()
        self.profiles = Profiles()
        self.keys = 0

    @initialize()
    def create(self):
        self.open()
        create_ledger(self.store, strands=self.strands)
        self.connect()

    def open(self):
        self.store = SQLiteStore(self.folder / "ledger.db")

    def connect(self):
        self.driver = ledger_driver.connect(LEDGER_NAME, self.store, retry_config=connection.retries())
        self.wallet = Wallet(self.driver, self.profiles)

    @rule()
    def reopen(self):
        self.driver.close()
        self.store.close()
        self.open()
        self.connect()

    @rule(down=st.booleans())
    def profile_table_fails_or_recovers(self, down):
        self.profiles.down = down

    @rule(request=changes)
    def call(self, request):
        self.check(request, None)

    @rule(target=kept, request=changes)
    def call_with_key(self, request):
        self.keys += 1
        key = f"key-{self.keys}"
        answer = self.check(request, key)
        return multiple() if answer is None else (key, request, answer)

    @rule(target=kept, earlier=consumes(kept))
    def repeat_with_key(self, earlier):
        key, request, answer = earlier
        before = journal_length(self.store)
        again = send(self.wallet, request, key)
        assert again.replayed
        assert (again.status, again.fields) == (answer.status, answer.fields)
        assert journal_length(self.store) == before
        return earlier

    @rule(earlier=kept, request=changes)
    def other_request_with_used_key(self, earlier, request):
        key, used_for, _ = earlier
        if request != used_for:
            self.refused(request, key, KeyReusedError)

    @rule(request=changes, interruption=changes, after=st.integers(1, 4))
    def call_is_overtaken_by_another(self, request, interruption, after):
        def interrupt():
            self.check(interruption, None)

        overtaken = Wallet(Overtaken(self.driver, interrupt, after=after), self.profiles)
        end = send_or_refusal(overtaken, request)
        assert isinstance(end, self.model.refusal(request) or Answer)
        if isinstance(end, Answer):
            self.model.apply(request)

    def check(self, request, key):
        expected = self.model.refusal(request)
        if expected is not None:
            self.refused(request, key, expected)
            return None
        answer = send(self.wallet, request, key)
        assert not answer.replayed
        self.model.apply(request)
        return answer

    def refused(self, request, key, expected):
        before = journal_length(self.store)
        with pytest.raises(CallError) as refusal:
            send(self.wallet, request, key)
        assert type(refusal.value) is expected
        assert journal_length(self.store) == before

    @invariant()
    def every_balance_is_the_models_and_so_is_their_sum(self):
        found = {email: self.balance(email) for email in EMAILS}
        assert {email: balance for email, balance in found.items() if balance is not None} == self.model.balances

    def balance(self, email):
        try:
            return self.wallet.check_funds(CheckFunds(email)).fields["CurrentBalance"]
        except NoSuchAccountError:
            return None

    @invariant()
    def the_journal_and_all_that_is_derived_from_it_agree(self):
        assert list(audit(self.store, LEDGER_NAME)) == []

    def teardown(self):
        for email, newest in self.model.versions.items():
            history = revisions(self.wallet, email, 7)
            assert [revision["version"] for revision in history] == list(range(newest + 1))
            balances = [revision["CurrentBalance"] for revision in history]
            assert [revision["PreviousBalance"] for revision in history] == [0, *balances[:-1]]
        self.driver.close()
        self.store.close()
        shutil.rmtree(self.folder)


def send(wallet, request, key):
    match request:
        case CreateAccount():
            return wallet.create_account(request, key)
        case AddFunds():
            return wallet.add_funds(request, key)
        case WithdrawFunds():
            return wallet.withdraw_funds(request, key)
        case TransferFunds():
            return wallet.transfer_funds(request, key)
    raise AssertionError(request)


def send_or_refusal(wallet, request):
    try:
        return send(wallet, request, None)
    except CallError as refusal:
        return refusal


class FourStrandMachine(WalletMachine):
    strands = 4


LENGTH = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestOneStrand = WalletMachine.TestCase
TestOneStrand.settings = LENGTH
TestFourStrands = FourStrandMachine.TestCase
TestFourStrands.settings = LENGTH
