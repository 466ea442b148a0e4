"""How long CloudWatch Logs keeps a log group, in days."""

from aws_cdk import aws_logs as logs

_BY_DAYS = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    731: logs.RetentionDays.TWO_YEARS,
    1827: logs.RetentionDays.FIVE_YEARS,
    3653: logs.RetentionDays.TEN_YEARS,
}

LOG_RETENTION_DAYS = tuple(_BY_DAYS)
"""The values that a setting can have."""


def retention(days: int) -> logs.RetentionDays:
    """Return the CDK's word for `days`, which must be one of LOG_RETENTION_DAYS."""
    return _BY_DAYS[days]
