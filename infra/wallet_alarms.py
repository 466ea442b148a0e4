"""Alarms of a wallet: calls fail, are slow, or are turned away."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .alarms import MINUTE, alarm
from .errors import PropError
from .wallet_api import WalletApi


class WalletAlarms(Construct):
    """Watches a wallet's API and functions. Every threshold is a prop; `alarms` has what it made.

    They take no action: give them to `notify` with a topic, or add actions to each.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        wallet: WalletApi,
        max_error_rate: float = 0.01,
        max_latency: Duration | None = None,
        max_throttles: int = 0,
        max_callers_throttled: int = 100,
        max_unavailable: int = 10,
        max_failed: int = 0,
        max_conflicts: int = 1000,
    ) -> None:
        """Define the alarms of `wallet`.

        By default they ring when, twice in a row over five minutes, more than one call in a hundred was answered with
        5xx (`max_error_rate`, 0 to 1) or one in a hundred took more than three seconds (`max_latency`); when within a
        minute a call failed for a fault of the wallet (`max_failed`); when within five minutes a function found no
        concurrency (`max_throttles`), more than 100 calls exceeded the API's rate (`max_callers_throttled`), more than
        10 calls were answered with 503 (`max_unavailable`); or when transactions were overtaken by others more than
        1000 times in each of two times five minutes (`max_conflicts`).

        Raises PropError naming the threshold that no alarm can have.
        """
        super().__init__(scope, id)
        if not 0 <= max_error_rate < 1:
            raise PropError(f"max_error_rate is {max_error_rate}; give a share of all calls, from 0 to below 1")
        latency = max_latency or Duration.seconds(3)
        calls = wallet.functions
        self.alarms: list[cloudwatch.Alarm] = [
            alarm(
                self,
                "ErrorRate",
                wallet.metric_error_rate(),
                above=max_error_rate,
                minutes=2,
                description=f"More than {max_error_rate:.2%} of all calls are answered with 5xx",
                entry="wallet-answers-5xx",
            ),
            alarm(
                self,
                "Latency",
                wallet.metric_latency(),
                above=latency.to_milliseconds(),
                minutes=2,
                description=f"One call in a hundred takes more than {latency.to_human_string()}",
                entry="wallet-slow",
            ),
            alarm(
                self,
                "Failed",
                calls.metric_calls("Failed", period=MINUTE),
                above=max_failed,
                description="A call failed for a fault that the wallet has no answer to: the function's log says where",
                entry="call-failed",
            ),
            alarm(
                self,
                "Unavailable",
                calls.metric_calls("Unavailable"),
                above=max_unavailable,
                description="Calls are answered with 503: conflicts or throttling outlast the retries",
                entry="wallet-unavailable",
            ),
            alarm(
                self,
                "Conflicts",
                calls.metric_occ_conflicts(),
                above=max_conflicts,
                minutes=2,
                description="Transactions overtake each other often: many calls are for the same accounts",
                entry="many-conflicts",
            ),
            alarm(
                self,
                "CallersThrottled",
                wallet.metric_callers_throttled(),
                above=max_callers_throttled,
                description="Callers exceed the rate that the API's stage takes, and are answered with 429",
                entry="callers-throttled",
            ),
        ]
        self.alarms += [
            alarm(
                self,
                f"Throttles{name}",
                function.metric_throttles(),
                above=max_throttles,
                description=f"The function of {name.lower()} found no concurrency left in the account",
                entry="function-throttled",
            )
            for name, function in calls.by_call.items()
        ]
