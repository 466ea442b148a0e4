from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdas import jsontext
from lambdas.errors import BadInputError
from lambdas.wallet import money

amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999999999.99"), places=2)


@given(amounts)
def test_every_amount_in_whole_cents_is_taken_as_it_is(value):
    taken = money.amount(value, "AddFunds")
    assert taken == value
    assert taken.as_tuple().exponent == -2


@given(amounts)
def test_amount_survives_the_way_through_json(value):
    assert money.amount(jsontext.loads(jsontext.dumps(value)), "AddFunds") == value


def is_whole_cents_in_bounds(value):
    return value.is_finite() and 0 < value < money.LIMIT and value % money.CENT == 0


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.decimals(places=3, min_value=-10, max_value=10))
def test_number_that_is_no_amount_is_refused_naming_the_field(value):
    assume(not is_whole_cents_in_bounds(value))
    with pytest.raises(BadInputError, match=r"^AddFunds ") as refusal:
        money.amount(value, "AddFunds")
    assert refusal.value.details == {"field": "AddFunds"}


@pytest.mark.parametrize("literal", ["250", "250.0", "250.00", "2.5e2", "25000e-2", "250.000"])
def test_amount_counts_by_value_however_it_is_written(literal):
    taken = money.amount(jsontext.loads(literal), "AddFunds")
    assert str(taken) == "250.00"


@pytest.mark.parametrize("value", [True, False, None, "250", 250.0, 250, ["250"], {"amount": 1}])
def test_amount_that_is_no_decimal_is_refused(value):
    with pytest.raises(BadInputError, match="AddFunds must be a number"):
        money.amount(value, "AddFunds")


def test_refusal_never_quotes_a_text_that_stood_for_the_amount():
    with pytest.raises(BadInputError) as refusal:
        money.amount("ana@example.com", "AddFunds")
    assert "ana" not in refusal.value.message


def test_refusal_quotes_a_long_number_only_in_part():
    with pytest.raises(BadInputError) as refusal:
        money.amount(Decimal("9" * 8000), "AddFunds")
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize("value", [1.5, True, "1", None, Decimal("1.005")])
def test_ledger_value_that_is_no_amount_is_not_read_as_one(value):
    with pytest.raises(ValueError, match="ledger"):
        money.from_ledger(value)


@pytest.mark.parametrize("value", [5, Decimal(5), Decimal("5.0"), Decimal("5.00")])
def test_ledger_value_of_any_exact_type_is_read_with_two_places(value):
    assert str(money.from_ledger(value)) == "5.00"
