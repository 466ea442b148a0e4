"""The page about deploying has every setting, and what it says of the environments is so."""

import re

import pytest

from environments import ENVIRONMENTS
from infra.errors import SettingsError
from infra.settings import Settings
from lambdas import metrics
from local.paths import ROOT

PAGE = (ROOT / "docs" / "deploying.md").read_text()


def test_every_setting_is_on_the_page_and_no_other():
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE.partition("## Settings")[2], re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told == set(Settings.__dataclass_fields__)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_environment_is_on_the_page_with_the_name_of_its_stacks(name):
    settings = Settings.from_context({"environment": name}, ENVIRONMENTS)
    assert f"| `{settings.deployment}-...` |" in PAGE


def test_the_refusal_that_is_shown_is_the_one_that_is_printed():
    (shown,) = re.findall(r"^error: environment 'prod': (.*)$", PAGE, re.MULTILINE)
    with pytest.raises(SettingsError) as caught:
        Settings(strands=99)
    assert str(caught.value) == shown


def test_every_metric_is_on_the_page_about_operations():
    page = (ROOT / "docs" / "operations.md").read_text()
    (table,) = re.findall(r"^## Metrics\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    told = {name for row in table.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row)}
    assert told == set(metrics.UNITS) | {"CallersThrottled"}
