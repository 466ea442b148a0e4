"""The settings of the function that publishes a journal stream, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from lambdas.stream.settings import InvalidSettingError
from lambdas.wallet.settings import MissingSettingError
from ledger.stream import StreamRequest

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ForwarderSettings:
    """Which ledger is streamed, where its cells are, and the stream as it is asked for."""

    ledger_name: str
    ledger_table: str
    request: StreamRequest

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read LEDGER_NAME, LEDGER_TABLE, STREAM_NAME and KINESIS_STREAM_ARN, which must be there.

        INCLUSIVE_START_TIME (the ledger's creation), EXCLUSIVE_END_TIME (never) and AGGREGATION_ENABLED (false) may be
        left out; times are in ISO 8601 with a time zone. Raises MissingSettingError, InvalidSettingError.
        """
        request = StreamRequest(
            name=_required(environment, "STREAM_NAME"),
            start=_time(environment, "INCLUSIVE_START_TIME") or _BEGINNING,
            kinesis_arn=_required(environment, "KINESIS_STREAM_ARN"),
            end=_time(environment, "EXCLUSIVE_END_TIME"),
            aggregated=_flag(environment, "AGGREGATION_ENABLED"),
        )
        return cls(_required(environment, "LEDGER_NAME"), _required(environment, "LEDGER_TABLE"), request)

    @property
    def arn_prefix(self) -> str:
        """What the stream's ARN begins with: the partition, region and account of the Kinesis stream's."""
        _, partition, _, region, account, _ = self.request.kinesis_arn.split(":", 5)
        return f"arn:{partition}:qldb:{region}:{account}"


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise MissingSettingError(name)
    return value


def _time(environment: Mapping[str, str], name: str) -> datetime | None:
    text = environment.get(name)
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise InvalidSettingError(name, text, "a time such as 2025-01-31T00:00:00Z, or leave it out")
    return time


def _flag(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "false"
    if text not in {"true", "false"}:
        raise InvalidSettingError(name, text, "true or false")
    return text == "true"
