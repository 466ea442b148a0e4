"""Equality, order and equality keys of Ion values."""

import tracemalloc
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ledger import ion
from ledger.comparison import Bag, compare, equal, equality_key

EQUAL = [
    ("1", "1.0"),
    ("1", "1e0"),
    ("1", "100d-2"),
    ("0", "-0.0"),
    ("0", "0d99"),
    ("0.0", "-0e0"),
    ("0.5", "5e-1"),
    ("nan", "nan"),
    ("+inf", "+inf"),
    ("1d400", "10d399"),
    ("1d1000000000", "10d999999999"),
    ("'a'", '"a"'),
    ('""', "''"),
    ("2020T", "2020-01-01T"),
    ("2020T", "2020-01-01T00:00:00.000Z"),
    ("2020-01-01T00:00+01:00", "2019-12-31T23:00Z"),
    ("2020-01-01T00:00-00:00", "2020-01-01T00:00Z"),
    ("2020-01-01T00:00:00.10Z", "2020-01-01T00:00:00.1Z"),
    ("0001-01-02T00:00+23:59", "0001-01-02T00:00+23:59"),
    ("{{aGk=}}", '{{"hi"}}'),
    ("x::y::1", "1"),
    ("{a:1,b:z::[c]}", '{b:["c"],a:1.0}'),
    ("{a:1,a:2}", "{a:2,a:1}"),
    ("[null.int, null]", "[null.int, null.null]"),
    ("{a:(b [c])}", "{a:(b [c])}"),
]
DIFFERENT = [
    ("1", "true"),
    ("0", "false"),
    ("1", '"1"'),
    ("0.1", "1e-1"),
    ("nan", "0"),
    ("+inf", "-inf"),
    ("+inf", "1d1000000000"),
    ("1d1000000000", "1d1000000001"),
    ("1", "1.0000000000000000000000000000000000000000000001"),
    ('"a"', '"A"'),
    ('"a"', '{{"a"}}'),
    ("$0", "''"),
    ("2020T", "2021T"),
    ("2020T", '"2020T"'),
    ("2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00.1000000001Z"),
    ("[1,2]", "[2,1]"),
    ("[1]", "(1)"),
    ("[]", "{}"),
    ("[[1],2]", "[[1,2]]"),
    ('["a","b"]', '["ab"]'),
    ("{a:1}", "{a:1,a:1}"),
    ("{a:1,a:2}", "{a:1,a:3}"),
    ("{a:1}", "{b:1}"),
    ("{a:null}", "{}"),
    ("[null]", "[null.int]"),
    ("[null.list]", "[[]]"),
]


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_values_that_mean_the_same_are_equal_and_share_a_key(a: str, b: str) -> None:
    left, right = ion.parse(a), ion.parse(b)
    assert equal(left, right)
    assert equal(right, left)
    assert equality_key(left) == equality_key(right)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_values_that_differ_are_not_equal_and_have_keys_of_their_own(a: str, b: str) -> None:
    left, right = ion.parse(a), ion.parse(b)
    assert not equal(left, right)
    assert not equal(right, left)
    assert equality_key(left) != equality_key(right)


def test_bags_ignore_order_but_not_number_and_are_no_lists() -> None:
    assert equal(Bag([1, 2, 2]), Bag([2, 1.0, 2]))
    assert equality_key(Bag([1, 2])) == equality_key(Bag([2, 1]))
    assert not equal(Bag([1, 2]), Bag([1, 2, 2]))
    assert not equal(Bag([1]), [1])


NUMBERS = (
    st.integers()
    | st.integers(-3, 3)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.decimals(-3, 3, places=1)
    | st.floats()
    | st.sampled_from([0.0, -0.0, 0.5, 1.0, Decimal("-0.0"), Decimal("1E+9"), 10**9, Decimal("1E+1000000000")])
)
TEXTS = st.text(max_size=3) | st.sampled_from(["a", ion.typed("a", ion.IonType.SYMBOL), b"a", ""])
TIMES = st.sampled_from(
    [
        ion.parse(source)
        for source in ("2020T", "2020-01-01T", "2020-01-01T00:00+01:00", "2019-12-31T23:00Z", "2020-06T")
    ]
)
NULLS = st.sampled_from([None, ion.parse("null.int"), ion.parse("null.string")])
SCALARS = NUMBERS | TEXTS | TIMES | st.booleans() | st.binary(max_size=2)


def containers(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Lists, S-expressions, bags and structs, the last with repeated names."""
    items = st.lists(inner | NULLS, max_size=3)
    pairs = st.lists(st.tuples(st.sampled_from("ab"), inner | NULLS), max_size=3)
    return (
        items
        | items.map(Bag)
        | items.map(lambda found: ion.typed(found, ion.IonType.SEXP))
        | pairs.map(ion.struct)
        | pairs.map(dict)
    )


VALUES = st.recursive(SCALARS, containers, max_leaves=5)


@given(VALUES, VALUES)
@example(Decimal("1E+1000000000"), 10)
@example(float("nan"), float("inf"))
def test_values_are_equal_exactly_when_their_keys_are(a: object, b: object) -> None:
    assert equal(a, b) == (equality_key(a) == equality_key(b))


@given(VALUES)
def test_every_value_is_equal_to_itself_after_a_trip_through_ion(value: object) -> None:
    assume(not has_bag(value))
    copy = ion.parse(ion.text(value))
    assert equal(value, copy)
    assert equality_key(value) == equality_key(copy)


def has_bag(value: object) -> bool:
    """Whether a bag, which Ion does not have, is anywhere in the value."""
    if isinstance(value, Bag):
        return True
    if isinstance(value, list):
        return any(map(has_bag, value))
    return hasattr(value, "items") and any(has_bag(field) for _, field in ion.fields(value))


@given(NUMBERS, NUMBERS)
def test_order_of_numbers_is_that_of_their_values(a: object, b: object) -> None:
    if a != a or b != b:  # noqa: PLR0124
        assert compare(a, b) is None
    else:
        assert (compare(a, b) == 0) == equal(a, b)
        assert (compare(a, b) or 0) == -(compare(b, a) or 0)


@pytest.mark.parametrize(
    "ascending",
    [
        "[-inf, -1d1000000000, -1, 0.5, 1e0, 2, 1d1000000000, +inf]",
        '[A, "B", a, "b"]',
        "[false, true]",
        "[2019-12-31T23:59:59.999Z, 2020T, 2020-01-01T00:00:00.0001Z, 2020-01-01T00:00-01:00]",
        '[{{""}}, {{AA==}}, {{"a"}}]',
    ],
)
def test_values_of_one_family_have_an_order(ascending: str) -> None:
    for a, b in pairwise(ion.parse(ascending)):
        assert (compare(a, b) or 0) < 0
        assert (compare(b, a) or 0) > 0


@pytest.mark.parametrize(
    ("a", "b"),
    [("1", '"1"'), ("true", "1"), ("2020T", "2020"), ("[1]", "[2]"), ("{}", "{}"), ("nan", "1"), ("(1)", "1")],
)
def test_values_of_different_families_and_containers_have_no_order(a: str, b: str) -> None:
    assert compare(ion.parse(a), ion.parse(b)) is None


@pytest.mark.parametrize("null", ["null", "null.string", "x::null.struct"])
def test_a_null_has_no_key(null: str) -> None:
    with pytest.raises(ValueError, match="a null has no equality key"):
        equality_key(ion.parse(null))


def test_huge_exponents_are_not_written_out() -> None:
    tracemalloc.start()
    try:
        for exponent in (10**9, -(10**9)):
            value = Decimal((0, (1, 2), exponent))
            assert len(equality_key(value)) == 32
            assert not equal(value, 1)
            assert (compare(value, 1) or 0) * exponent > 0
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
