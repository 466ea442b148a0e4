"""What the notary and the auditor measure, written into the log for CloudWatch."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "VerifiableLedger"
_UNITS = {"AuditAge": MetricUnit.Seconds, "DigestAge": MetricUnit.Seconds}


def measure(ledger: str, values: Mapping[str, float | None]) -> None:
    """Write metrics, under the one dimension Ledger; what is None is left out."""
    # Without a service among the dimensions: alarms name exactly this one.
    metrics = EphemeralMetrics(namespace=NAMESPACE, service="")
    metrics.add_dimension("Ledger", ledger)
    for name, value in values.items():
        if value is not None:
            metrics.add_metric(name, _UNITS.get(name, MetricUnit.Count), value)
    metrics.flush_metrics()
