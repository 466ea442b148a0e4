"""Timestamps in parts, and the date functions (QLDB guide, "Date and time functions")."""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ledger import clock, ion
from ledger.ion import Timestamp, TimestampPrecision
from ledger.partiql.operators import OperandError
from ledger.partiql.values import is_integer, type_name

PARTS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
EXTRACTED_PARTS = (*PARTS, "TIMEZONE_HOUR", "TIMEZONE_MINUTE")

_PRECISIONS = {
    "YEAR": TimestampPrecision.YEAR,
    "MONTH": TimestampPrecision.MONTH,
    "DAY": TimestampPrecision.DAY,
    "HOUR": TimestampPrecision.MINUTE,
    "MINUTE": TimestampPrecision.MINUTE,
    "SECOND": TimestampPrecision.SECOND,
}
_MONTHS = {"YEAR": 12, "MONTH": 1}
_SECONDS = {"DAY": 86_400, "HOUR": 3_600, "MINUTE": 60, "SECOND": 1}


def required(value: Any) -> Any:
    """Return a timestamp.

    Raises:
        OperandError: the value is none.
    """
    if isinstance(value, list) or ion.type_of(value) is not ion.IonType.TIMESTAMP:
        raise OperandError(f"expected a timestamp, got a value of type {type_name(value)}")
    return value


def fraction_of(value: Any) -> Decimal:
    """Return the fraction of a second, with all its digits."""
    found = getattr(value, "fractional_seconds", None)
    return Decimal(value.microsecond).scaleb(-6) if found is None else Decimal(found)


def instant(moment: datetime) -> Timestamp:
    """Return an instant as an Ion timestamp in UTC, to the millisecond."""
    return clock.to_ion(moment.astimezone(UTC))


def extracted(part: str, value: Any) -> int:
    """EXTRACT: one part as an integer; parts that the timestamp does not have are as in its first instant."""
    found = required(value)
    if part in PARTS:
        return int(getattr(found, part.lower()))
    offset = _offset_minutes(found)
    hours, minutes = divmod(abs(offset), 60)
    return (hours if part == "TIMEZONE_HOUR" else minutes) * (-1 if offset < 0 else 1)


def _offset_minutes(value: Any) -> int:
    offset = value.utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // 60


def added(part: str, interval: Any, value: Any) -> Timestamp:
    """DATE_ADD: the timestamp so many years, months ... later; it gets the precision that the part needs.

    Raises:
        OperandError: the interval is no integer, or the result is outside the years 1 to 9999.
    """
    found = required(value)
    if not is_integer(interval):
        raise OperandError(f"DATE_ADD needs an integer, got a value of type {type_name(interval)}")
    try:
        return _moved(found, part, int(interval))
    except (OverflowError, ValueError):
        raise OperandError("the result is out of range") from None


def _moved(value: Any, part: str, interval: int) -> Timestamp:
    moment = datetime(value.year, value.month, value.day, value.hour, value.minute, value.second)  # noqa: DTZ001
    if part in _MONTHS:
        year, month = divmod(moment.year * 12 + moment.month - 1 + interval * _MONTHS[part], 12)
        moment = moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
    else:
        moment += timedelta(seconds=interval * _SECONDS[part])
    found = getattr(value, "precision", None)
    precision = TimestampPrecision.SECOND if found is None else found
    finer = max(_PRECISIONS[part], precision)
    gained_time = precision < TimestampPrecision.MINUTE <= finer
    return Timestamp(
        *moment.timetuple()[:6],
        tzinfo=UTC if gained_time else value.tzinfo,
        precision=finer,
        fractional_seconds=fraction_of(value),
    )


def difference(part: str, first: Any, second: Any) -> int:
    """DATE_DIFF: how many whole years, months ... lie from the first to the second; negative if it is the earlier one.

    Raises:
        OperandError: an argument is no timestamp.
    """
    start, end = _since_year_0(required(first)), _since_year_0(required(second))
    return _whole(_ELAPSED[part in _MONTHS](start, end), _MONTHS.get(part) or _SECONDS[part])


def _since_year_0(value: Any) -> tuple[int, Any]:
    """Return the months since year 0 and the rest, a comparable, both in UTC."""
    offset = timedelta(minutes=_offset_minutes(value))
    moment = datetime(value.year, value.month, value.day, value.hour, value.minute, value.second)  # noqa: DTZ001
    try:
        moment -= offset
    except OverflowError:
        raise OperandError("the timestamp is out of range in UTC") from None
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    days = moment.toordinal()
    fraction = fraction_of(value)
    return moment.year * 12 + moment.month, (moment.day, seconds + fraction, days * 86_400 + seconds + fraction)


def _months(start: tuple[int, Any], end: tuple[int, Any]) -> Any:
    months = end[0] - start[0]
    if months > 0 and end[1][:2] < start[1][:2]:
        return months - 1
    return months + 1 if months < 0 and end[1][:2] > start[1][:2] else months


def _seconds(start: tuple[int, Any], end: tuple[int, Any]) -> Any:
    return end[1][2] - start[1][2]


_ELAPSED: dict[bool, Callable[[Any, Any], Any]] = {True: _months, False: _seconds}


def _whole(amount: Any, unit: int) -> int:
    return int(abs(amount) // unit) * (-1 if amount < 0 else 1)
