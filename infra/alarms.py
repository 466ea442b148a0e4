"""Alarms of one form: on the largest value of a minute, with a description that says what to do."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

MINUTE = Duration.minutes(1)


def alarm(
    scope: Construct,
    id: str,  # noqa: A002
    metric: cloudwatch.Metric,
    *,
    above: float,
    minutes: int = 1,
    description: str,
    silence_is_bad: bool = False,
) -> cloudwatch.Alarm:
    """Return an alarm that rings when `metric` was over `above` for so many periods of the metric in a row.

    It takes no action until one is added. With `silence_is_bad` it also rings when the metric is not reported at all.
    """
    treatment = cloudwatch.TreatMissingData
    return metric.create_alarm(
        scope,
        id,
        threshold=above,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=minutes,
        alarm_description=description,
        treat_missing_data=treatment.BREACHING if silence_is_bad else treatment.NOT_BREACHING,
    )
