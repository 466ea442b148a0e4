"""The stage of the wallet's API: its limits, its logs, and the cache of the one method that may have it."""

from typing import TypedDict

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs

from .errors import PropError

_ACCESS_LOG = (
    '{"api":"$context.apiId","requestId":"$context.requestId","time":"$context.requestTime",'
    '"method":"$context.httpMethod","call":"$context.resourcePath","status":"$context.status","milliseconds":"$context.responseLatency",'
    '"functionMilliseconds":"$context.integrationLatency","bytes":"$context.responseLength",'
    '"refused":"$context.error.responseType","trace":"$context.xrayTraceId"}'
)
"""No address, caller, query or body: those are personal data."""


class _MethodSettings(TypedDict):
    throttling_rate_limit: float
    throttling_burst_limit: float
    logging_level: apigateway.MethodLoggingLevel
    data_trace_enabled: bool
    metrics_enabled: bool


def stage_options(
    name: str, *, rate: int, burst: int, cache_ttl: Duration | None, own_wallet_only: bool, access_log: logs.ILogGroup
) -> apigateway.StageOptions:
    """Return the stage. By default its cache keeps answers for five seconds; a `cache_ttl` of zero does without.

    `own_wallet_only` says that callers may use only their own wallets: then there is no cache.
    Raises PropError for what no stage can have.
    """
    _require("throttle_rate", rate, 1)
    _require("throttle_burst", burst, 1)
    ttl = _cache_ttl(cache_ttl, own_wallet_only=own_wallet_only)
    common: _MethodSettings = {
        "throttling_rate_limit": rate,
        "throttling_burst_limit": burst,
        "logging_level": apigateway.MethodLoggingLevel.ERROR,
        "data_trace_enabled": False,
        "metrics_enabled": True,
    }
    caching = ttl.to_seconds() > 0
    cached = apigateway.MethodDeploymentOptions(
        caching_enabled=True, cache_ttl=ttl, cache_data_encrypted=True, **common
    )
    return apigateway.StageOptions(
        stage_name=name,
        tracing_enabled=True,
        access_log_destination=apigateway.LogGroupLogDestination(access_log),
        access_log_format=apigateway.AccessLogFormat.custom(_ACCESS_LOG),
        cache_cluster_enabled=caching,
        cache_cluster_size="0.5" if caching else None,
        caching_enabled=False,
        method_options={"/checkfunds/GET": cached} if caching else None,
        **common,
    )


def _cache_ttl(asked: Duration | None, *, own_wallet_only: bool) -> Duration:
    if asked is None:
        return Duration.seconds(0 if own_wallet_only else 5)
    _require("cache_ttl", asked.to_seconds(), 0, 3600)
    if own_wallet_only and asked.to_seconds() > 0:
        raise PropError(
            f"cache_ttl is {asked.to_human_string()}; where callers may use only their own wallets, a cache would show "
            "one caller's balance to another: give zero, or leave it out"
        )
    return asked


def _require(prop: str, value: float, low: int, high: int | None = None) -> None:
    if value < low or (high is not None and value > high):
        raise PropError(f"{prop} is {value}; give {low} {'or more' if high is None else f'to {high}'}")
