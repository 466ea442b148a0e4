"""What the wallet's functions measure: how calls end, how long they take, what the ledger did, what money moved."""

from typing import Literal

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from .published_journal import METRICS

Outcome = Literal["Succeeded", "Refused", "Unavailable", "Failed", "Replayed"]


class WalletMetrics:
    """The metrics of a wallet over the ledger that is called `measured_ledger`, whichever functions wrote them.

    Each is over all calls, or over one if `operation` names it, such as `addfunds`. The default period is five minutes.
    Money is in the wallet's own unit.
    """

    @property
    def measured_ledger(self) -> str:
        """The ledger's name, which is the metrics' dimension `Ledger`."""
        raise NotImplementedError

    def metric_calls(
        self, outcome: Outcome, *, operation: str | None = None, period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return how many calls ended so (a sum).

        `Refused` is the caller's fault (4xx); `Unavailable` means that conflicts or throttling outlasted the retries
        (503); `Failed` is a fault of the wallet's (500); `Replayed` are among the succeeded: an earlier call's answer.
        """
        return self._metric(f"Calls{outcome}", "Sum", operation, period)

    def metric_call_latency(
        self, *, operation: str | None = None, period: Duration | None = None, statistic: str = "p99"
    ) -> cloudwatch.Metric:
        """Return how long calls took within the function, in milliseconds. By default the 99th percentile."""
        return self._metric("Latency", statistic, operation, period)

    def metric_commits(self, *, operation: str | None = None, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many calls committed a change to the ledger (a sum)."""
        return self._metric("Commits", "Sum", operation, period)

    def metric_occ_conflicts(
        self, *, operation: str | None = None, period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return how often a transaction was overtaken by another one (a sum); most of them are then run again."""
        return self._metric("Conflicts", "Sum", operation, period)

    def metric_retries(self, *, operation: str | None = None, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how often a transaction was run again (a sum)."""
        return self._metric("Retries", "Sum", operation, period)

    def metric_money_added(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the money that was put into accounts (a sum)."""
        return self._metric("MoneyAdded", "Sum", None, period)

    def metric_money_withdrawn(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the money that was taken out of accounts (a sum)."""
        return self._metric("MoneyWithdrawn", "Sum", None, period)

    def metric_money_transferred(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the money that went from account to account (a sum)."""
        return self._metric("MoneyTransferred", "Sum", None, period)

    def _metric(self, name: str, statistic: str, operation: str | None, period: Duration | None) -> cloudwatch.Metric:
        dimensions = {"Ledger": self.measured_ledger, **({"Operation": operation} if operation else {})}
        return cloudwatch.Metric(
            namespace=METRICS,
            metric_name=name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=period or Duration.minutes(5),
        )
