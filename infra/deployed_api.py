"""A wallet's API, wherever it was deployed: who may call it, where it is, and how it does."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from .published_journal import METRICS

CALLERS_THROTTLED = "CallersThrottled"
"""The metric of calls beyond the stage's rate, by API."""


class WalletApiBase(Construct):
    """An API that callers can be given access to: one made here (`WalletApi`), or one made elsewhere."""

    rest_api_id: str
    """The id that API Gateway gave it."""

    rest_api_name: str
    """The name that its metrics go by, such as `captable1-wallet-wallet`."""

    stage_name: str
    """The stage that takes the calls."""

    url: str
    """The URL that calls begin with, with a slash at its end."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` make every call of the stage, when callers sign with IAM credentials."""
        arn = Stack.of(self).format_arn(
            service="execute-api",
            resource=self.rest_api_id,
            resource_name=f"{self.stage_name}/*/*",
        )
        return iam.Grant.add_to_principal(grantee=grantee, actions=["execute-api:Invoke"], resource_arns=[arn])

    def url_for(self, call: str) -> str:
        """Return the full URL of a call, such as `createaccount`."""
        return f"{self.url}{call}"

    def metric_count(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the number of calls. The default period is five minutes."""
        return self._metric("Count", "SampleCount", period)

    def metric_client_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the number of calls answered with 4xx. The default period is five minutes."""
        return self._metric("4XXError", "Sum", period)

    def metric_server_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the number of calls answered with 5xx. The default period is five minutes."""
        return self._metric("5XXError", "Sum", period)

    def metric_error_rate(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the share of calls that were answered with 5xx, from 0 to 1. The default period is five minutes."""
        return self._metric("5XXError", "Average", period)

    def metric_latency(self, *, period: Duration | None = None, statistic: str = "p99") -> cloudwatch.Metric:
        """Return how long calls take, in milliseconds. By default the 99th percentile over five minutes."""
        return self._metric("Latency", statistic, period)

    def metric_callers_throttled(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the calls beyond the stage's rate, answered with 429 (a sum). The default period is five minutes."""
        return cloudwatch.Metric(
            namespace=METRICS,
            metric_name=CALLERS_THROTTLED,
            dimensions_map={"Api": self.rest_api_id},
            statistic="Sum",
            period=period or Duration.minutes(5),
        )

    def _metric(self, name: str, statistic: str, period: Duration | None) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name=name,
            dimensions_map={"ApiName": self.rest_api_name},
            statistic=statistic,
            period=period or Duration.minutes(5),
        )
