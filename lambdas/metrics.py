"""Metrics in CloudWatch's embedded format: a line in the function's log, which costs the call no request."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "VerifiableLedger"


def write(values: Mapping[str, tuple[MetricUnit, float]], *, ledger: str, **more: str) -> None:
    """Write metrics by their names, once under the dimension Ledger, and once more under it and the `more` given."""
    metrics = EphemeralMetrics(namespace=NAMESPACE, service="")
    metrics.add_dimension("Ledger", ledger)
    if more:
        metrics.add_dimensions(Ledger=ledger, **more)
    for name, (unit, value) in values.items():
        metrics.add_metric(name, unit, value)
    metrics.flush_metrics()
