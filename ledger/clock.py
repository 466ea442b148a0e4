"""Instants as the journal keeps them: UTC, exactly milliseconds, so that every client hashes the same timestamp."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from ledger.ion import Timestamp, TimestampPrecision

Clock: TypeAlias = Callable[[], datetime]


def now() -> datetime:
    """Return the current instant, in UTC, cut to milliseconds."""
    return milliseconds(datetime.now(UTC))


def milliseconds(instant: datetime) -> datetime:
    """Return `instant` in UTC, cut to milliseconds."""
    utc = instant.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def next_millisecond(instant: datetime) -> datetime:
    """Return the first whole millisecond not before `instant`, so that the same blocks are on either side of it."""
    cut = milliseconds(instant)
    return cut if cut == instant else cut + timedelta(milliseconds=1)


def write(instant: datetime) -> str:
    """Return `instant` as `2019-12-11T07:20:51.245Z`."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def read(text: str) -> datetime:
    """Return the instant that `write` wrote."""
    return datetime.fromisoformat(text)


def to_ion(instant: datetime) -> Timestamp:
    """Return `instant` as an Ion timestamp with three fractional digits."""
    return Timestamp(
        instant.year,
        instant.month,
        instant.day,
        instant.hour,
        instant.minute,
        instant.second,
        tzinfo=UTC,
        precision=TimestampPrecision.SECOND,
        fractional_seconds=Decimal(instant.microsecond // 1000).scaleb(-3),
    )
