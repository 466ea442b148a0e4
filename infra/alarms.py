"""Alarms of one form: a description that says what is wrong and which entry of the runbook says what to do."""

from collections.abc import Iterable

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

MINUTE = Duration.minutes(1)

RUNBOOK = "docs/runbook.md"
"""Where the runbook is, unless the context key `runbook_url` says where your organisation reads it."""


def alarm(
    scope: Construct,
    id: str,  # noqa: A002
    metric: cloudwatch.Metric,
    *,
    above: float,
    minutes: int = 1,
    description: str,
    entry: str,
    silence_is_bad: bool = False,
) -> cloudwatch.Alarm:
    """Return an alarm that rings when `metric` was over `above` for so many periods of the metric in a row.

    `entry` is the anchor of its entry in the runbook. It takes no action until `notify` or its own methods add one.
    With `silence_is_bad` it also rings when the metric is not reported at all.
    """
    treatment = cloudwatch.TreatMissingData
    return metric.create_alarm(
        scope,
        id,
        threshold=above,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=minutes,
        alarm_description=explained(scope, description, entry),
        treat_missing_data=treatment.BREACHING if silence_is_bad else treatment.NOT_BREACHING,
    )


def explained(scope: IConstruct, description: str, entry: str) -> str:
    """Return an alarm's description: what is wrong, and the runbook's entry with the anchor `entry`."""
    return f"{description}. Runbook: {runbook(scope)}#{entry}"


def runbook(scope: IConstruct) -> str:
    """Return where the runbook of what is in `scope` is read."""
    return str(scope.node.try_get_context("runbook_url") or RUNBOOK)


def notify(topic: sns.ITopic, alarms: Iterable[cloudwatch.AlarmBase]) -> None:
    """Let each alarm tell `topic` when it rings, and when it is over."""
    action = actions.SnsAction(topic)
    for each in alarms:
        each.add_alarm_action(action)
        each.add_ok_action(action)
