"""The page of costs, in Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from bench.costs.meter import READ_UNITS, REQUESTS, STORED_BYTES, WRITE_UNITS
from bench.costs.model import Prices, Usage, capacity, monthly
from bench.costs.usage import STREAMED_BYTES

RATES = (10, 1_000, 100_000)
_COLUMNS = {
    READ_UNITS: "read units",
    WRITE_UNITS: "write units",
    REQUESTS: "requests to DynamoDB",
    STORED_BYTES: "bytes kept",
    STREAMED_BYTES: "bytes streamed",
}


def tables(usage: Usage, given: Prices) -> str:
    """Return the tables of the page: what calls use, what a month costs, and what DynamoDB must bear."""
    return "\n\n".join("\n".join(lines) for lines in (_used(usage), _monthly(usage, given), _borne(usage, given)))


def _used(usage: Usage) -> Iterator[str]:
    rows = ([f"`{call}`", *(f"{used[name]:,.1f}" for name in _COLUMNS)] for call, used in usage.items())
    return _table(["A call", *_COLUMNS.values()], rows)


def _monthly(usage: Usage, given: Prices) -> Iterator[str]:
    columns = [monthly(usage, given, rate) for rate in RATES]
    rows = [[service, *(f"{column[service]:,.0f}" for column in columns)] for service in columns[0]]
    rows.append(["**Sum**", *(f"**{sum(column.values()):,.0f}**" for column in columns)])
    return _table([f"{given.currency} a month", *(f"{rate:,} calls/s" for rate in RATES)], rows)


def _borne(usage: Usage, given: Prices) -> Iterator[str]:
    columns = [capacity(usage, given, rate) for rate in RATES]
    rows = ([what, *(f"{column[name]:,.0f}" for column in columns)] for name, what in _BORNE.items())
    return _table(["Each second", *(f"{rate:,} calls/s" for rate in RATES)], rows)


_BORNE = {READ_UNITS: "read units", WRITE_UNITS: "write units", "commits": "commits"}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---", *("---:" for _ in head[1:])])
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
