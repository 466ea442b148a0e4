"""A usage plan: how much the holder of an API key may call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway

from .errors import PropError


@dataclass(frozen=True, kw_only=True)
class UsagePlan:
    """Makes callers send an API key in `X-Api-Key`, which meters them; who they are is for the authorization to tell.

    `api_keys` are names, such as those of partners, that stay: a key that gets another name is another key. API Gateway
    makes their values. `quota` is how many calls each key has in a `period`, by default a day; without it there is no
    end. `throttle_rate` and `throttle_burst` are calls a second and at once for each key, by default the stage's.

    Raises PropError naming the prop that cannot work.
    """

    api_keys: Sequence[str]
    quota: int | None = None
    period: apigateway.Period = apigateway.Period.DAY
    throttle_rate: int | None = None
    throttle_burst: int | None = None

    def __post_init__(self) -> None:
        """Raise PropError naming the prop that cannot work."""
        if not self.api_keys or len(set(self.api_keys)) < len(self.api_keys):
            raise PropError(f"api_keys is {list(self.api_keys)!r}; give at least one name, and each once")
        for name in self.api_keys:
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", name):
                raise PropError(f"api_keys has {name!r}; give 1 to 64 letters, digits and hyphens, a letter first")
        for prop in ("quota", "throttle_rate", "throttle_burst"):
            value = getattr(self, prop)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise PropError(f"{prop} is {value!r}; give a whole number from 1 on, or None")


def add_usage_plan(api: apigateway.RestApi, plan: UsagePlan) -> Mapping[str, apigateway.ApiKey]:
    """Add `plan` to the stage of `api`, and return its keys by name."""
    limits = None
    if plan.throttle_rate or plan.throttle_burst:
        limits = apigateway.ThrottleSettings(rate_limit=plan.throttle_rate, burst_limit=plan.throttle_burst)
    added = api.add_usage_plan(
        "UsagePlan",
        api_stages=[apigateway.UsagePlanPerApiStage(api=api, stage=api.deployment_stage)],
        quota=apigateway.QuotaSettings(limit=plan.quota, period=plan.period) if plan.quota else None,
        throttle=limits,
    )
    keys = {name: apigateway.ApiKey(api, f"ApiKey-{name}", description=name) for name in plan.api_keys}
    for key in keys.values():
        added.add_api_key(key)
    return keys
