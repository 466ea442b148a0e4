"""Ion as JSON: what changes, and that nothing else does."""

import json
from decimal import Decimal

import pytest

from ledger import ion
from ledger.export.down_conversion import to_json

CASES = [
    ("null", "null"),
    ("null.struct", "null"),
    ("true", "true"),
    ("-12345678901234567890", "-12345678901234567890"),
    ("1.50", "1.50"),
    ("-0.0", "-0.0"),
    ("1d5", "1E+5"),
    ("2.5e0", "2.5"),
    ("1e300", "1e+300"),
    ("nan", "null"),
    ("-inf", "null"),
    ("2019-04-15T00:00:00.000Z", '"2019-04-15T00:00:00.000Z"'),
    ("2019-04T", '"2019-04T"'),
    ("when::2019-04-15T", '"2019-04-15T"'),
    ("paid", '"paid"'),
    ("'a b'", '"a b"'),
    ('"line\\nü"', '"line\\nü"'),
    ("{{aGVsbG8=}}", '"aGVsbG8="'),
    ('{{"clob\\n"}}', '"clob\\n"'),
    ("[1, (+ a 2), []]", '[1,["+","a",2],[]]'),
    ("unit::{a: note::1, 'b c': {}}", '{"a":1,"b c":{}}'),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_each_type_becomes_its_json(text, expected):
    assert to_json(ion.parse(text)) == expected
    json.loads(expected)


@pytest.mark.parametrize(
    ("value", "expected"), [({"a": Decimal("1.0"), "b": [b"x", None, 2]}, '{"a":1.0,"b":["eA==",null,2]}')]
)
def test_plain_python_values_are_taken_too(value, expected):
    assert to_json(value) == expected
