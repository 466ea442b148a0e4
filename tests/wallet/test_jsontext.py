import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas import jsontext
from lambdas.errors import BadInputError

cents = st.decimals(min_value=-(10**14), max_value=10**14, places=2)
values = st.recursive(
    st.none() | st.booleans() | cents | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)


@given(values)
def test_value_survives_printing_and_reading(value):
    assert jsontext.loads(jsontext.dumps(value)) == value


@given(values)
def test_printed_value_is_what_every_other_reader_understands(value):
    assert json.loads(jsontext.dumps(value), parse_int=Decimal, parse_float=Decimal) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("250.00"), "250"),
        (Decimal("12.50"), "12.5"),
        (Decimal("0.00"), "0"),
        (Decimal("0.01"), "0.01"),
        (Decimal("2.5E+2"), "250"),
        (Decimal(100), "100"),
        (Decimal("999999999999.99"), "999999999999.99"),
    ],
)
def test_decimal_is_printed_in_its_shortest_plain_form(value, text):
    assert jsontext.dumps(value) == text


@pytest.mark.parametrize("value", [0.1, b"x", {1, 2}, Decimal("NaN"), Decimal("Infinity")])
def test_value_that_json_cannot_hold_exactly_is_refused(value):
    with pytest.raises(TypeError, match="cannot print"):
        jsontext.dumps(value)


def test_number_that_a_float_cannot_hold_is_read_exactly():
    assert jsontext.loads("[0.1, 12345678901234567890.123456789]") == [
        Decimal("0.1"),
        Decimal("12345678901234567890.123456789"),
    ]


def test_number_with_more_digits_than_python_reads_as_int_is_read():
    assert jsontext.loads("9" * 8000) == Decimal("9" * 8000)


def test_key_twice_in_an_inner_object_is_refused():
    with pytest.raises(BadInputError, match='"b" is there twice'):
        jsontext.loads('{"a":{"b":1,"b":2}}')


def test_nesting_beyond_the_stack_is_refused_as_bad_input():
    with pytest.raises(BadInputError, match="nested too deeply"):
        jsontext.loads("[" * 100_000)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_as_bad_input(text):
    with suppress(BadInputError):
        jsontext.loads(text)
