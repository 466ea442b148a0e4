"""Rows as a table."""

from ledger import ion
from ledger.cli.shell.table import Table


def shown(*batches, width=None):
    table = Table(width)
    return [line for batch in batches for line in table.lines([ion.parse(row) for row in batch])]


def test_numbers_stand_right_and_everything_is_as_wide_as_it_looks():
    assert shown(['{Name:"漢字",n:1.50}', '{Name:"Zoe\u0308 S",n:-10}', "{n:null,x:[1]}"]) == [
        " Name  | n    | x",
        "-------+------+-----",
        " 漢字  | 1.50 |",
        " Zoe\u0308 S |  -10 |",
        "       | null | [1]",
    ]


def test_rows_that_are_no_structs_stand_in_one_column():
    assert shown(["1", '"a"', "null.int"]) == [" value", "----------", "        1", " a", " null.int"]


def test_a_later_row_with_an_unknown_field_starts_a_new_head():
    assert shown(["{a:1}"], ["{a:2}"], ["{a:3,b:4}"]) == [
        " a", "---", " 1", " 2", "", " a | b", "---+---", " 3 | 4",
    ]  # fmt: skip


def test_a_later_cell_that_is_wider_is_not_cut_off():
    assert shown(['{a:"x",b:1}'], ['{a:"long text",b:1}'])[-1] == " long text | 1"


def test_a_table_wider_than_the_terminal_has_one_field_a_line():
    lines = shown(['{long_name:"' + "x" * 35 + '",b:1}', "{b:2}"], width=40)
    assert lines == [
        "-[ 1 ]----------------------------------",
        "long_name | " + "x" * 35,
        "b         | 1",
        "-[ 2 ]----------------------------------",
        "b | 2",
    ]


def test_a_table_as_wide_as_the_terminal_stays_a_table():
    row = '{a:"' + "x" * 34 + '",b:1}'
    assert len(shown([row], width=40)[2]) <= 40
    assert shown([row], width=40)[0].startswith(" a ")


def test_a_string_cannot_move_the_cursor_or_colour_the_terminal():
    lines = shown(["{a:\"\\x1b[31mred\\n\\x9b2J\",'\\x1b[1m':1}"])
    assert all(line.isprintable() for line in lines)
    assert "\\x1b[31mred\\n\\x9b2J" in lines[2]


def test_fields_of_one_name_are_all_there():
    assert shown(["{a:1,a:2,a:3}"]) == [" a | a #2 | a #3", "---+------+------", " 1 |    2 |    3"]


def test_no_rows_are_no_lines():
    assert shown([]) == []
