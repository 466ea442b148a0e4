"""All that the functions measure, and how: a line in the log in CloudWatch's embedded format, which costs no request.

Alarms and dashboards read these names under these dimensions: a test holds what they read against what is written.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "VerifiableLedger"

_CALLS = ("CallsSucceeded", "CallsRefused", "CallsUnavailable", "CallsFailed", "CallsReplayed")
_TRANSACTIONS = ("Commits", "Conflicts", "Retries")
_MONEY = ("MoneyAdded", "MoneyWithdrawn", "MoneyTransferred")
_STREAM = ("BlocksForwarded", "RecordsForwarded", "RecordsTooLarge")
_EVIDENCE = ("DigestsNotarised", "NotaryRefusals", "AuditedBlocks", "AuditFindings")

UNITS: dict[str, MetricUnit] = {
    "Latency": MetricUnit.Milliseconds,
    **dict.fromkeys(_CALLS, MetricUnit.Count),
    **dict.fromkeys(_TRANSACTIONS, MetricUnit.Count),
    **dict.fromkeys(_MONEY, MetricUnit.NoUnit),
    "StreamLag": MetricUnit.Seconds,
    **dict.fromkeys(_STREAM, MetricUnit.Count),
    "DigestAge": MetricUnit.Seconds,
    "AuditAge": MetricUnit.Seconds,
    **dict.fromkeys(_EVIDENCE, MetricUnit.Count),
}
"""Every metric there is, with its unit."""


def write(values: Mapping[str, float | None], *dimensions: Mapping[str, str]) -> None:
    """Write metrics by their names, once under each of the sets of `dimensions`; what is None is left out.

    Raises KeyError for a name that is not one of UNITS.
    """
    # Without a service among the dimensions: alarms name exactly those that are given.
    metrics = EphemeralMetrics(namespace=NAMESPACE, service="")
    first, *others = dimensions
    for dimension, chosen in first.items():
        metrics.add_dimension(dimension, chosen)
    for other in others:
        metrics.add_dimensions(**other)
    for name, value in values.items():
        if value is not None:
            metrics.add_metric(name, UNITS[name], value)
    metrics.flush_metrics()
