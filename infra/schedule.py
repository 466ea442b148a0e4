"""A function that is called again and again, and the alarm for when it is not."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .alarms import explained
from .errors import PropError

_DAY_MINUTES = 24 * 60


def checked_interval(interval: Duration, *, least_minutes: int) -> Duration:
    """Return an interval at which a function can be called, and watched.

    Raises PropError: an alarm of CloudWatch looks back for a day at most, which must hold three of them.
    """
    seconds, most = interval.to_seconds(), _DAY_MINUTES // 3
    if seconds % 60 or not least_minutes <= seconds / 60 <= most:
        raise PropError(f"interval is {interval.to_human_string()}; give whole minutes, {least_minutes} to {most}")
    return interval


def checked_max_age(max_age: Duration | None, interval: Duration) -> Duration:
    """Return how old what is done every `interval` may be: three intervals if nothing is given.

    Raises PropError: a value that is as old as one interval is nothing to be alarmed at.
    """
    if max_age is None:
        return Duration.minutes(3 * interval.to_minutes())
    seconds, least = max_age.to_seconds(), 2 * interval.to_minutes()
    if seconds % 60 or not least <= seconds / 60 <= _DAY_MINUTES:
        raise PropError(f"max_age is {max_age.to_human_string()}; give whole minutes, {least} to {_DAY_MINUTES}")
    return max_age


def call_every(scope: Construct, function: lambda_.Function, interval: Duration, description: str) -> events.Rule:
    """Return the rule that calls `function` every `interval`. A call that fails is repeated twice, as Lambda does."""
    target = targets.LambdaFunction(function, retry_attempts=0, max_event_age=interval)
    return events.Rule(
        scope, "Schedule", description=description, schedule=events.Schedule.rate(interval), targets=[target]
    )


def silence_alarm(
    scope: Construct,
    id: str,  # noqa: A002
    function: lambda_.Function,
    interval: Duration,
    *,
    description: str,
    entry: str,
) -> cloudwatch.Alarm:
    """Return an alarm that rings when `function` was not called at all for three intervals in a row.

    `entry` is the anchor of its entry in the runbook.
    """
    return function.metric_invocations(period=interval, statistic="Sum").create_alarm(
        scope,
        id,
        threshold=1,
        comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluation_periods=3,
        alarm_description=explained(scope, description, entry),
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
    )
