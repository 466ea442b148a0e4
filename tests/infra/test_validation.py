from pathlib import Path

import jsii
import pytest
from aws_cdk import (
    App,
    CfnResource,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
    Stack,
)

from infra.validation import synthesise
from tests.infra.synthesis import new_outdir


@jsii.implements(IPolicyValidationPlugin)
class Judge:
    """Finds fault with every queue that is called bad, and counts how often it is asked."""

    def __init__(self):
        self.asked = 0

    @property
    def name(self):
        return "judge"

    def validate(self, context):
        self.asked += 1
        bad = [each for each in context.stack_templates if '"bad"' in Path(each.template_path).read_text()]
        found = [
            PolicyViolation(
                rule_name="bad",
                description="a bad name",
                severity="warning",
                violating_resources=[PolicyViolatingResource(locations=[], template_path=each.template_path)],
            )
            for each in bad
        ]
        return PolicyValidationPluginReport(success=True, violations=found)


@pytest.fixture
def asked(tmp_path):
    """Synthesise an app with one queue, and tell whether it was validated."""

    def asked(name="good", asset="0" * 64):
        app = App(outdir=new_outdir(), builtin_cloud_formation_validation=False)
        properties = {"QueueName": name, "Tags": [{"Key": "asset", "Value": asset}]}
        CfnResource(Stack(app, "Stack"), "Queue", type="AWS::SQS::Queue", properties=properties)
        judge = Judge()
        synthesise(app, build=tmp_path / "build", plugin=lambda: judge)
        return judge.asked == 1

    return asked


def test_templates_in_which_nothing_was_found_are_validated_once(asked):
    assert asked()
    assert not asked()


def test_a_template_that_has_changed_is_validated(asked):
    assert asked()
    assert asked("better")
    assert not asked()


def test_code_that_has_changed_is_no_reason_to_validate_its_template(asked):
    assert asked()
    assert not asked(asset="f" * 64)


def test_a_template_with_findings_is_validated_until_it_has_none(asked):
    assert asked("bad")
    assert asked("bad")


def test_validation_that_is_turned_off_finds_and_remembers_nothing(asked, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setenv("CDK_VALIDATION", "false")
        assert not asked()
    assert asked()
