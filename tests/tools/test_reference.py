"""The reference of the constructs is what their docstrings say today, and has all of them."""

import pytest

import infra
from local import paths
from tools.reference import GROUPS, page

PAGE = paths.ROOT / "docs" / "constructs.md"


@pytest.fixture(scope="module")
def made():
    return page() + "\n"


def test_the_page_is_made_from_the_docstrings(made):
    assert PAGE.read_text() == made, "make it anew: .venv/bin/python -m tools.reference > docs/constructs.md"


def test_every_exported_name_has_one_place_on_the_page():
    assert sorted(name for group in GROUPS.values() for name in group) == sorted(infra.__all__)


def test_the_code_at_the_top_is_that_of_the_first_example(made):
    for file in ("app.py", "functions/notes.py"):
        assert (paths.ROOT / "examples" / "ledger_alone" / file).read_text() in made


@pytest.mark.parametrize(
    "line",
    [
        "| `ledger_name` | `str` | `'captable1'` |",
        "| `table` | `dynamodb.ITable` | The DynamoDB table that holds the ledger. |",
        "Its parts: `handler` (`PythonFunction`), `resource` (`CustomResource`).",
        "And of the [common ones](#common-properties) `log_retention`.",
    ],
)
def test_properties_attributes_and_parts_are_listed(made, line):
    assert line in made.splitlines()


def test_nothing_is_left_to_be_filled_in(made):
    assert not [line for line in made.splitlines() if line in {"{app}", "{function}", "{common}", "{contents}"}]
