import pytest

from custom_resources.ledger_tables.properties import Properties, PropertyError, Table

VALID = {
    "ServiceToken": "arn:aws:lambda:eu-west-1:000000000000:function:provider",
    "LedgerName": "captable1",
    "LedgerTable": "cells",
    "Strands": "8",
    "Tables": [{"Name": "wallettable", "Indexes": ["email"]}, {"Name": "notes"}],
    "DropUnlistedIndexes": "false",
}


def test_properties_are_read_from_cloudformations_strings():
    assert Properties.parse(VALID) == Properties(
        ledger_name="captable1",
        ledger_table="cells",
        strands=8,
        tables=(Table("wallettable", ("email",)), Table("notes", ())),
        drop_unlisted_indexes=False,
    )


def test_indexes_are_kept_unless_dropping_is_asked_for():
    asked = {**VALID, "DropUnlistedIndexes": "true"}
    left_out = {name: value for name, value in VALID.items() if name != "DropUnlistedIndexes"}
    assert Properties.parse(asked).drop_unlisted_indexes
    assert not Properties.parse(left_out).drop_unlisted_indexes


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"LedgerName": None}, "LedgerName is missing; write letters"),
        ({"LedgerName": "-x"}, "LedgerName is '-x'"),
        ({"LedgerName": "12345"}, "LedgerName is '12345'"),
        ({"LedgerName": "x" * 33}, "LedgerName is"),
        ({"LedgerTable": ""}, "LedgerTable is ''; write the name of the DynamoDB table"),
        ({"Strands": "0"}, "Strands is '0'; write a whole number from 1 to 32"),
        ({"Strands": "33"}, "Strands is '33'"),
        ({"Strands": True}, "Strands is True"),
        ({"Strands": "four"}, "Strands is 'four'"),
        ({"Tables": None}, "Tables is missing; write a list such as"),
        ({"Tables": []}, "Tables is []"),
        ({"Tables": ["wallettable"]}, "Tables holds 'wallettable'"),
        ({"Tables": [{"Indexes": ["email"]}]}, "Tables holds"),
        ({"Tables": [{"Name": "t", "Index": ["email"]}]}, "Tables holds"),
        ({"Tables": [{"Name": "t; DROP"}]}, "a table is named 't; DROP'; write a letter"),
        ({"Tables": [{"Name": "t", "Indexes": ['a" b']}]}, "an index is named"),
        ({"Tables": [{"Name": "t", "Indexes": "email"}]}, "Indexes of table 't' is 'email'; write a list"),
        ({"Tables": [{"Name": "t"}, {"Name": "t"}]}, "Tables lists t twice"),
        ({"Tables": [{"Name": "t", "Indexes": ["a", "a"]}]}, "Indexes of table t lists a twice"),
        ({"DropUnlistedIndexes": "yes"}, 'DropUnlistedIndexes is \'yes\'; write "true" or "false"'),
        ({"DropUnlistedIndices": "true"}, "unknown property DropUnlistedIndices; write one of"),
    ],
)
def test_wrong_property_is_refused_saying_what_to_write(wrong, says):
    with pytest.raises(PropertyError) as refusal:
        Properties.parse({**VALID, **wrong})
    assert says in str(refusal.value)
