import pytest

from lambdas.errors import BadInputError
from lambdas.wallet.errors import InsufficientFundsError, KeyReusedError
from lambdas.wallet.idempotency import key_of
from lambdas.wallet.requests import CreateAccount
from lambdas.wallet.wallet import Wallet
from tests.wallet.events import post
from tests.wallet.interruption import Overtaken, run_together
from tests.wallet.ledgers import ANA, BOB, add, balance, journal_length, open_account, transfer, withdraw


def test_same_key_and_request_is_answered_alike_and_moves_money_once(wallet, store):
    open_account(wallet, ANA)
    first = add(wallet, ANA, "10.50", "key-1")
    before = journal_length(store)
    again = add(wallet, ANA, "10.50", "key-1")
    assert (again.status, again.fields) == (first.status, first.fields)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.as_result()["body"] == first.as_result()["body"]
    assert journal_length(store) == before
    assert balance(wallet, ANA) == first.fields["CurrentBalance"]


def test_the_first_answer_is_given_even_when_the_balance_has_moved_on(wallet):
    open_account(wallet, ANA)
    add(wallet, ANA, "10.00", "key-1")
    withdraw(wallet, ANA, "4.00")
    assert add(wallet, ANA, "10.00", "key-1").fields["CurrentBalance"] == 10
    assert balance(wallet, ANA) == 6


@pytest.mark.parametrize("amount", ["10.01", "1.00"])
def test_same_key_with_another_amount_is_refused_and_leaves_the_journal_unchanged(wallet, store, amount):
    open_account(wallet, ANA)
    add(wallet, ANA, "10.00", "key-1")
    before = journal_length(store)
    with pytest.raises(KeyReusedError):
        add(wallet, ANA, amount, "key-1")
    assert journal_length(store) == before


def test_same_key_with_another_call_is_refused(wallet):
    open_account(wallet, ANA)
    add(wallet, ANA, "10.00", "key-1")
    with pytest.raises(KeyReusedError):
        withdraw(wallet, ANA, "10.00", "key-1")
    assert balance(wallet, ANA) == 10


def test_other_keys_and_no_key_count_each_time(wallet):
    open_account(wallet, ANA)
    for key in ("key-1", "key-2", None, None):
        add(wallet, ANA, "1.00", key)
    assert balance(wallet, ANA) == 4


def test_transfer_and_creation_are_replayed_too(wallet):
    open_account(wallet, BOB)
    created = wallet.create_account(CreateAccount(ANA, "Ana"), "key-1")
    assert wallet.create_account(CreateAccount(ANA, "Ana"), "key-1").fields == created.fields
    add(wallet, ANA, "10.00")
    moved = transfer(wallet, ANA, BOB, "4.00", "key-2")
    assert transfer(wallet, ANA, BOB, "4.00", "key-2").fields == moved.fields
    assert (balance(wallet, ANA), balance(wallet, BOB)) == (6, 4)


def test_key_of_a_rejected_call_is_not_used_up(wallet, store):
    open_account(wallet, ANA)
    before = journal_length(store)
    with pytest.raises(InsufficientFundsError):
        withdraw(wallet, ANA, "5.00", "key-1")
    assert journal_length(store) == before
    add(wallet, ANA, "5.00")
    assert withdraw(wallet, ANA, "5.00", "key-1").replayed is False


def test_copies_of_one_call_at_once_move_money_once_and_are_answered_alike(wallet):
    open_account(wallet, ANA, "100.00")
    for number in range(5):
        ends = run_together(*[lambda key=f"key-{number}": withdraw(wallet, ANA, "20.00", key)] * 4)
        assert sorted(end.replayed for end in ends) == [False, True, True, True]
        assert len({end.fields["CurrentBalance"] for end in ends}) == 1
    assert balance(wallet, ANA) == 0


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_copy_that_is_overtaken_by_the_other_is_answered_like_it(wallet, driver, after):
    # With after=1 the copy has looked its key up before the other commits, and looks at the balance after.
    open_account(wallet, ANA, "20.00")
    overtaken = Overtaken(driver, lambda: withdraw(wallet, ANA, "20.00", "key-1"), after=after)
    answer = withdraw(Wallet(overtaken), ANA, "20.00", "key-1")
    assert (answer.status, answer.fields["CurrentBalance"], answer.replayed) == (200, 0, True)
    assert overtaken.runs == 2


def test_one_key_for_two_requests_at_once_serves_one_and_refuses_the_other(wallet):
    open_account(wallet, ANA)
    ends = run_together(lambda: add(wallet, ANA, "1.00", "key-1"), lambda: add(wallet, ANA, "2.00", "key-1"))
    assert sum(isinstance(end, KeyReusedError) for end in ends) == 1
    assert balance(wallet, ANA) in {1, 2}


@pytest.mark.parametrize("key", ["k", "a b", "~" * 255, "550e8400-e29b-41d4-a716-446655440000"])
def test_key_of_printable_characters_is_taken(key):
    assert key_of(post("{}", headers={"idempotency-key": key})) == key


@pytest.mark.parametrize("key", ["", "   ", "x" * 256, "k\tk", "k\u00e9", "k\x00"])
def test_key_that_is_not_1_to_255_printable_ascii_characters_is_refused(key):
    with pytest.raises(BadInputError, match="Idempotency-Key must have 1 to 255") as refusal:
        key_of(post("{}", headers={"Idempotency-Key": key}))
    assert refusal.value.details == {"field": "Idempotency-Key"}
