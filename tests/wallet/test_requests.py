from decimal import Decimal

import pytest

from lambdas.errors import BadInputError
from lambdas.wallet.requests import AddFunds, History, TransferFunds, WithdrawFunds

ADD = {"email": "ana@example.com", "AddFunds": Decimal(250)}


def test_requests_that_mean_the_same_have_one_fingerprint():
    same = {"AddFunds": Decimal("250.00"), "email": " ANA@example.com"}
    assert AddFunds.parse(ADD).fingerprint() == AddFunds.parse(same).fingerprint()


@pytest.mark.parametrize("other", [{"AddFunds": Decimal("250.01")}, {"email": "bob@example.com"}])
def test_requests_that_differ_have_different_fingerprints(other):
    assert AddFunds.parse(ADD).fingerprint() != AddFunds.parse(ADD | other).fingerprint()


def test_the_call_is_part_of_the_fingerprint():
    withdrawal = WithdrawFunds.parse({"email": "ana@example.com", "WithdrawFunds": Decimal(250)})
    assert AddFunds.parse(ADD).fingerprint() != withdrawal.fingerprint()


def test_direction_of_a_transfer_is_part_of_its_fingerprint():
    there = TransferFunds("ana@example.com", "bob@example.com", Decimal("1.00"))
    back = TransferFunds("bob@example.com", "ana@example.com", Decimal("1.00"))
    assert there.fingerprint() != back.fingerprint()


def test_history_without_paging_asks_for_the_newest_twenty():
    assert History.parse({"email": "ana@example.com"}) == History("ana@example.com", 20, None)


def test_request_is_frozen():
    with pytest.raises(AttributeError):
        AddFunds.parse(ADD).amount = Decimal(1)  # type: ignore[misc]


def test_many_unknown_fields_are_named_only_in_part():
    with pytest.raises(BadInputError) as refusal:
        AddFunds.parse({f"field{number}": 1 for number in range(500)})
    assert len(refusal.value.message) < 200
