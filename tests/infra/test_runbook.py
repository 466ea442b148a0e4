"""Alarms and the runbook, held together: who is woken at night finds what to do."""

import re

import pytest

from infra.function_code import ROOT
from tests.infra.runbook import PARTS, alarms, anchor, entries, entry_of
from tests.infra.synthesis import synthesised

ALARMS, PROCEDURES = entries("Alarms"), entries("Procedures")


@pytest.fixture(scope="module")
def every_alarm():
    return list(alarms(*synthesised(deployment="one", search_index=True, backup_days=35).templates()))


def test_every_alarm_says_where_the_runbook_has_its_entry(every_alarm):
    assert len(every_alarm) > 10
    for name, alarm in every_alarm:
        assert entry_of(alarm) in ALARMS, (name, alarm.get("AlarmDescription"))


def test_every_entry_has_an_alarm(every_alarm):
    assert ALARMS.keys() - {entry_of(alarm) for _, alarm in every_alarm} == set()


@pytest.mark.parametrize("entry", ALARMS)
def test_an_entry_says_what_it_means_what_to_look_at_and_what_to_do(entry):
    places = [ALARMS[entry].find(part) for part in PARTS]
    assert -1 not in places
    assert places == sorted(places)


def test_links_within_the_runbook_lead_somewhere():
    text = (ROOT / "docs" / "runbook.md").read_text()
    headings = {anchor(title) for title in re.findall(r"^##+ (.+)$", text, re.MULTILINE)}
    linked = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert linked
    assert linked - headings == set()


def test_an_alarm_without_an_entry_would_be_seen():
    assert entry_of({"AlarmDescription": "Blocks wait"}) is None
    assert entry_of({}) is None
    assert entry_of({"AlarmDescription": "Blocks wait. Runbook: docs/runbook.md#stream-behind"}) == "stream-behind"


@pytest.mark.parametrize(
    ("title", "expected"),
    [("fsck finds something", "fsck-finds-something"), ("A wallet's call: 5xx", "a-wallets-call-5xx")],
)
def test_the_anchor_of_a_heading_is_the_one_that_markdown_makes(title, expected):
    assert anchor(title) == expected
