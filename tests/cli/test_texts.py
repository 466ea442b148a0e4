"""Results as Ion and as JSON."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import ion
from ledger.cli.shell.ion_text import ion_pretty, ion_text
from ledger.cli.shell.json_text import json_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("null", "null"),
        ("null.struct", "null"),
        ("true", "true"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.10", "1.10"),
        ("-0.", "-0"),
        ("1d3", "1E+3"),
        ("0.000000000000000000001", "1E-21"),
        ("1.5e0", "1.5"),
        ("1e300", "1e+300"),
        ("nan", "null"),
        ("+inf", "null"),
        ("-inf", "null"),
        ("2020T", '"2020T"'),
        ("a::2020-02-29T12:00:00.120+02:00", '"2020-02-29T12:00:00.120+02:00"'),
        ("a::symbol", '"symbol"'),
        ('"Zoë \\n \\x9b \\x7f \\" "', '"Zoë \\n \\u009b \\u007f \\" "'),
        ("{{aGVsbG8=}}", '"aGVsbG8="'),
        ('{{"a\\xe9"}}', '"aé"'),
        ("[1,(+ 2),[]]", '[1,["+",2],[]]'),
        ("{a:b::{'c d':1.0},e:{}}", '{"a":{"c d":1.0},"e":{}}'),
        ("{a:1,b:2,a:3}", '{"a":3,"b":2}'),
    ],
)
def test_ion_becomes_json_as_the_journal_export_wrote_it(value, expected):
    written = json_text(ion.parse(value))
    assert written == expected
    json.loads(written)


def test_plain_python_values_become_json_too():
    assert json_text({"a": [None, b"x", Decimal("2.50"), 1]}) == '{"a":[null,"eA==",2.50,1]}'


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_decimal_keeps_its_digits_and_its_exponent_in_json(number):
    assert json.loads(json_text(number), parse_float=Decimal, parse_int=Decimal).as_tuple() == number.as_tuple()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_string_is_read_back_from_json_and_ion_and_moves_no_cursor(text):
    assert json.loads(json_text(text)) == text
    assert ion.parse(ion_text(text)) == text
    assert not any(c < " " or "\x7f" <= c <= "\x9f" for c in json_text(text) + ion_text(text))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"Zoë 漢字 😀"', '"Zoë 漢字 😀"'),
        ("{\"é\":'ü u'}", "{'é':'ü u'}"),
        ('"\\\\xe9"', '"\\\\xe9"'),
        ('{{"\\xe9"}}', '{{"\\xe9"}}'),
        ('{a:"{{\\xe9",b:{{"\\xe9"}}}', '{a:"{{é",b:{{"\\xe9"}}}'),
    ],
)
def test_letters_are_shown_as_they_are_but_bytes_of_clobs_are_no_letters(value, expected):
    assert ion_text(ion.parse(value)) == expected


def test_pretty_ion_breaks_only_what_does_not_fit_in_a_line():
    value = ion.parse("t::{a:{b:1},'c d':[\"" + "x" * 60 + '","' + "y" * 60 + '"],e:(1 ' + "z" * 110 + ")}")
    assert ion_pretty(value) == (
        "t::{\n"
        "  a: {b:1},\n"
        "  'c d': [\n"
        f'    "{"x" * 60}",\n'
        f'    "{"y" * 60}"\n'
        "  ],\n"
        "  e: (\n"
        "    1\n"
        f"    {'z' * 110}\n"
        "  )\n"
        "}"
    )
    assert ion.text(ion.parse(ion_pretty(value))) == ion.text(value)
