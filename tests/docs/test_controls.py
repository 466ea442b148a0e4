"""What the pages about controls and the life cycle name is there."""

import json
import re

import pytest

from infra.compliance import REASONS
from infra.ledger import LedgerBase
from infra.settings import Settings
from local.paths import ROOT
from tests.infra.synthesis import synthesised

CONTROLS, LIFE_CYCLE = ((ROOT / "docs" / f"{name}.md").read_text() for name in ("controls", "life-cycle"))


def test_the_page_gives_every_reason_for_a_finding_and_no_other():
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", CONTROLS.split("## Accepted findings")[1], re.MULTILINE)
    assert dict(rows) == REASONS


@pytest.mark.parametrize(
    "place", sorted(set(re.findall(r"`((?:tests|infra|local|lambdas)/[\w./-]*)`", CONTROLS + LIFE_CYCLE)))
)
def test_a_place_in_the_project_that_a_page_names_exists(place):
    assert (ROOT / place.replace("/VERSION", "")).exists()


def test_every_grant_of_a_ledger_is_in_the_table():
    grants = {name for name in dir(LedgerBase) if name.startswith("grant_")}
    assert set(re.findall(r"^\| `(grant_\w+)`", CONTROLS, re.MULTILINE)) == grants


def test_what_is_adopted_is_called_as_the_page_says():
    for number, stack in enumerate(("ledger", "wallet")):
        mapping = json.loads(re.findall(r"```json\n(.*?)\n```", LIFE_CYCLE, re.DOTALL)[number])
        resources = synthesised().stacks[stack]["Resources"]
        kinds = {"TableName": "AWS::DynamoDB::Table", "KeyId": "AWS::KMS::Key"}
        assert {name: kinds[next(iter(known))] for name, known in mapping.items()} == {
            name: body["Type"]
            for name, body in resources.items()
            if body["Type"] in kinds.values() and body["DeletionPolicy"] == "Retain" and name in mapping
        }
    assert Settings().deployment == "captable1"
