"""The Ion module: every value keeps its type, and the hash is the one that `ionhash` and real QLDB give."""

import contextlib
from decimal import Decimal

import ionhash  # noqa: F401 - gives Ion values their ion_hash method, the oracle below
import pytest
from amazon.ion import simpleion
from hypothesis import given
from hypothesis import strategies as st

from ledger import ion
from ledger.ion import IonType

EXAMPLES = """
null null.int null.struct true false 0 -1 255 256 -65536 123456789012345678901234567890
0e0 -0e0 1.5e0 -1e300 nan +inf 0. 0.0 -0. -0.00 1.50 -250 12345678901234567890.123 1d5 1d-70 -1d300
2019T 2019-12T 2019-12-11 2019-12-11T07:20Z 2019-12-11T07:20:51.245Z 2019-12-11T07:20:51.000Z
2019-12-11T07:20:51+05:30 2019-12-11T07:20:51.1234567-08:00 2019-12-11T07:20-00:00
a 'with space' "" "text" "\\x0b\\x0c\\x0e" {{}} {{CwwO}} {{"clob"}} [] [1,[2,a]] () (a "b" 3)
{} {a:1,b:"x"} {b:"x",a:1} {a:1,a:2} {a:{b:{c:null}}} x::1 x::y::{a:z::null.list} 'a b'::[q::1]
""".split("\n")
VALUES = [value for line in EXAMPLES for value in simpleion.loads(line, single_value=False)]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(),
    st.binary(),
)
trees = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4))
)


@pytest.mark.parametrize(
    "value", VALUES, ids=lambda value: simpleion.dumps(value, binary=False, omit_version_marker=True)
)
def test_hash_of_every_kind_of_value_is_the_one_of_the_reference_library(value):
    assert ion.digest(value) == value.ion_hash("SHA256")


@given(trees)
def test_hash_of_any_tree_is_the_one_of_the_reference_library(tree):
    value = simpleion.loads(simpleion.dumps(tree))
    assert ion.digest(value) == value.ion_hash("SHA256")


@given(trees)
def test_plain_python_values_hash_like_the_ion_values_they_become(tree):
    assert ion.digest(tree) == ion.digest(ion.loads(ion.dumps(tree)))


@pytest.mark.parametrize("value", VALUES, ids=ion.text)
def test_binary_and_text_keep_type_value_and_annotations(value):
    for copy in (ion.loads(ion.dumps(value)), ion.parse(ion.text(value))):
        assert ion.type_of(copy) is ion.type_of(value)
        assert ion.annotations(copy) == ion.annotations(value)
        assert ion.digest(copy) == ion.digest(value)


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ('"hello"', "2b04b4828341281978fe1e2e82915b797a664ff00b8df7ebf557cdf495c2bfa8"),
        ("1", "f089f64ca73b9b160d33f19b07f8d0c97d4e8e4215c0b6b8b836dedcfb65929a"),
        ("null", "0fb06b6183c21379529fdd45d6af4aba731ac6f081ef9e6c1c94b1fb26177304"),
        ("{}", "dc3ff8e550c833236bbee92d163762698b7b0b7b68a1af1b060243580741b7a6"),
        ('{a:1,b:"x"}', "3c2fad67883c746973506cc34811b97e44314e0213b19a76b886c65b32d31605"),
        ('{b:"x",a:1}', "3c2fad67883c746973506cc34811b97e44314e0213b19a76b886c65b32d31605"),
        ('{name:"Ann",age:7}', "0c190274f5f94cf58ca6b9ebdce33ff773aada42e7ea21005df025f0a069c1f6"),
    ],
)
def test_hash_matches_the_vectors_of_qldb(literal, expected):
    assert ion.digest(ion.parse(literal)).hex() == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xe0\x01\x00\xea",
        b"\xe0\x01\x00\xea\x21",
        b"\xe0\x01\x00\xea\xff",
        b"1 2",
        b"{a:",
        b"\xff\xfe",
        b"[" * 5000,
    ],
    ids=["empty", "only a marker", "truncated", "reserved type", "two values", "open struct", "not UTF-8", "very deep"],
)
def test_malformed_data_is_an_ion_error(data):
    with pytest.raises(ion.IonError):
        ion.loads(data)


@given(st.binary(max_size=64))
def test_any_bytes_after_the_marker_give_a_value_or_an_ion_error(data):
    with contextlib.suppress(ion.IonError):
        ion.loads(b"\xe0\x01\x00\xea" + data)


def test_typed_makes_nulls_symbols_and_annotated_values():
    assert ion.text(ion.typed(None, IonType.INT)) == "null.int"
    assert ion.text(ion.typed("a", IonType.SYMBOL, ["x"])) == "x::a"
    assert ion.text(ion.typed([1], IonType.SEXP)) == "(1)"
    assert ion.text(ion.typed({"a": Decimal("1.50")}, IonType.STRUCT, ["m"])) == "m::{a:1.50}"


def test_struct_keeps_order_and_repeated_names():
    value = ion.struct([("b", 1), ("a", 2), ("b", 3)])
    assert sorted(ion.fields(value)) == [("a", 2), ("b", 1), ("b", 3)]
    assert ion.text(ion.struct([("b", 1), ("a", 2)])) == "{b:1,a:2}"


@pytest.mark.parametrize("text", ["1" * 5000, "-1." + "1" * 5000, "[{a: 1." + "1" * 5000 + "}]", "[" * 101 + "]" * 101])
def test_what_could_be_written_but_not_read_back_is_refused_both_ways(text):
    with pytest.raises(ion.IonError):
        ion.parse(text)
    with pytest.raises(ion.IonError):
        ion.dumps([10**5000] if text[0] == "1" else [Decimal("1." + "1" * 5000)])


@pytest.mark.parametrize("number", [10**3999, -(10**3999), Decimal("0." + "1" * 3999)])
def test_numbers_of_the_most_digits_come_back(number):
    assert ion.loads(ion.dumps(number)) == number
    assert ion.parse(ion.text(number)) == number
