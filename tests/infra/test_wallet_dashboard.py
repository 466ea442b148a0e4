import json

import pytest

from infra.wallet_dashboard import WalletDashboard
from tests.infra.runbook import alarms
from tests.infra.synthesis import resources, scratch_stack, synthesised, template_of
from tests.infra.test_metric_names import body
from tests.infra.test_wallet_api import wallet_api

QUESTIONS = ["## Is it healthy?", "## Is it fast?", "## Is money moving?"]
PARTS = ["## The ledger", "## The journal's stream", "## The evidence"]


@pytest.fixture(scope="module")
def made():
    return synthesised(deployment="one", search_index=True, backup_days=35)


@pytest.fixture(scope="module")
def widgets(made):
    (dashboard,) = resources(made.stacks["operations"], "AWS::CloudWatch::Dashboard").values()
    assert dashboard["Properties"]["DashboardName"] == "one"
    return body(dashboard)["widgets"]


def headings(widgets):
    return [one["properties"]["markdown"] for one in widgets if one["type"] == "text"]


def graphs(widgets):
    return [one for one in widgets if one["type"] == "metric"]


def test_the_three_questions_come_first_and_then_the_parts(widgets):
    title, *sections = headings(widgets)
    assert title.startswith("# Ledger one\n")
    assert "docs/runbook.md" in title
    assert sections == QUESTIONS + PARTS


def test_the_state_of_every_alarm_is_shown(made, widgets):
    (status,) = [one for one in widgets if one["type"] == "alarm"]
    assert len(status["properties"]["alarms"]) == len(list(alarms(*made.templates())))


def test_every_graph_has_a_title_an_axis_with_its_unit_and_names_that_are_not_those_of_metrics(widgets):
    for graph in graphs(widgets):
        properties = graph["properties"]
        assert properties["title"], graph
        assert properties["yAxis"]["left"]["label"], properties["title"]
        assert properties["metrics"], properties["title"]
        for metric in properties["metrics"]:
            assert metric[-1]["label"] != metric[1], properties["title"]


def test_titles_are_told_apart(widgets):
    titles = [one["properties"]["title"] for one in graphs(widgets)]
    assert len(set(titles)) == len(titles)


def test_no_widget_covers_another_or_hangs_over_the_edge(widgets):
    taken = set()
    for one in widgets:
        assert one["x"] + one["width"] <= 24
        cells = {
            (x, y) for x in range(one["x"], one["x"] + one["width"]) for y in range(one["y"], one["y"] + one["height"])
        }
        assert not cells & taken
        taken |= cells


def test_no_stack_is_kept_from_changing_by_being_shown(made):
    assert "Fn::ImportValue" not in json.dumps(made.stacks["operations"])
    for name, template in made.stacks.items():
        exported = [one["Export"]["Name"] for one in template["Outputs"].values() if "Export" in one]
        assert not [each for each in exported if "Alarm" in each and "AlarmTopic" not in each], name


def test_what_a_wallet_does_without_has_no_section():
    stack = scratch_stack()
    wallet = wallet_api(stack)
    WalletDashboard(stack, "Dashboard", wallet=wallet, ledger=wallet.functions._ledger)
    (dashboard,) = resources(template_of(stack), "AWS::CloudWatch::Dashboard").values()
    assert headings(body(dashboard)["widgets"])[1:] == [*QUESTIONS, "## The ledger"]
    assert not [one for one in body(dashboard)["widgets"] if one["type"] == "alarm"]
