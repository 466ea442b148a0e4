"""From usage and prices to money a month."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench.costs.meter import READ_UNITS, STORED_BYTES, WRITE_UNITS
from bench.costs.usage import STREAMED_BYTES

SECONDS_PER_MONTH = 730 * 3600
_MILLION, _GIGABYTE = 1e6, 2**30

Usage = Mapping[str, Mapping[str, float]]
Tiers = list[tuple[float | None, float]]


_NAMES = {
    "prices": {
        "apiGatewayPerMillionCalls",
        "cloudwatchLogsPerGigabyte",
        "dynamodbPerGigabyteMonth",
        "dynamodbPerMillionReadUnits",
        "dynamodbPerMillionWriteUnits",
        "firehosePerGigabyte",
        "kinesisPerGigabyteIn",
        "kinesisPerGigabyteOut",
        "kinesisPerStreamHour",
        "kmsPerThousandSignatures",
        "lambdaPerGigabyteSecond",
        "lambdaPerMillionCalls",
        "pointInTimeRecoveryPerGigabyteMonth",
        "s3PerThousandPuts",
    },
    "assumptions": {
        "auditedMillisecondsPerBlock",
        "auditedReadUnitsPerBlock",
        "functionGigabytes",
        "functionMilliseconds",
        "logBytesPerCall",
        "mix",
        "notaryRunsPerMonth",
        "streamConsumers",
    },
}


class PricesError(ValueError):
    """The file of prices cannot be used."""


@dataclass(frozen=True)
class Prices:
    """What the reader edits: prices, and what is assumed of the calls. See `prices.json`."""

    currency: str
    region: str
    prices: Mapping[str, Any]
    assumptions: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path, usage: Usage) -> Self:
        """Read a file of prices. Raises PricesError that names what is wrong in it."""
        try:
            found = cls(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            raise PricesError(f"{path} is not a file of prices: {error}") from error
        for table, names in _NAMES.items():
            if missing := names - getattr(found, table).keys():
                raise PricesError(f"{path}: {table} has no {min(missing)!r}; give it, as prices.json does")
        mix = found.assumptions["mix"]
        if unknown := mix.keys() - usage.keys():
            raise PricesError(f"{path}: mix has {unknown.pop()!r}; give some of {', '.join(usage)}")
        if abs(sum(mix.values()) - 1) > 1e-9:
            raise PricesError(f"{path}: the shares of mix add up to {sum(mix.values()):g}; they must add up to 1")
        return found


def monthly(usage: Usage, given: Prices, calls_per_second: float) -> dict[str, float]:
    """Return what a month of so many calls a second costs, by service. Growth is what the month itself adds."""
    calls = calls_per_second * SECONDS_PER_MONTH
    blocks = _committing(usage, given) * calls
    return {**dict(_services(_mean(usage, given), given, calls)), "Notary and auditor": _evidence(given, blocks)}


def capacity(usage: Usage, given: Prices, calls_per_second: float) -> dict[str, float]:
    """Return what DynamoDB must bear in a second: read units, write units, and commits."""
    mean = _mean(usage, given)
    return {
        READ_UNITS: mean[READ_UNITS] * calls_per_second,
        WRITE_UNITS: mean[WRITE_UNITS] * calls_per_second,
        "commits": _committing(usage, given) * calls_per_second,
    }


def _committing(usage: Usage, given: Prices) -> float:
    """Return the share of calls that make a block."""
    return sum(share for name, share in given.assumptions["mix"].items() if usage[name][STREAMED_BYTES])


def _mean(usage: Usage, given: Prices) -> dict[str, float]:
    mix = given.assumptions["mix"]
    names = next(iter(usage.values()))
    return {name: sum(share * usage[call][name] for call, share in mix.items()) for name in names}


def _services(mean: Mapping[str, float], given: Prices, calls: float) -> Iterator[tuple[str, float]]:
    price, assumed = given.prices, given.assumptions
    seconds = assumed["functionMilliseconds"] / 1000 * assumed["functionGigabytes"]
    grown = mean[STORED_BYTES] * calls / _GIGABYTE
    streamed = mean[STREAMED_BYTES] * calls / _GIGABYTE
    yield "API Gateway", _tiered(price["apiGatewayPerMillionCalls"], calls)
    yield "Lambda", _lambda(price, calls, seconds)
    yield "DynamoDB reads", mean[READ_UNITS] * calls / _MILLION * price["dynamodbPerMillionReadUnits"]
    yield "DynamoDB writes", mean[WRITE_UNITS] * calls / _MILLION * price["dynamodbPerMillionWriteUnits"]
    kept = price["dynamodbPerGigabyteMonth"] + price["pointInTimeRecoveryPerGigabyteMonth"]
    yield "DynamoDB storage, for each month kept", grown * kept
    yield "Kinesis", _kinesis(price, streamed, assumed["streamConsumers"])
    yield "Firehose", streamed * price["firehosePerGigabyte"]
    yield "CloudWatch Logs", assumed["logBytesPerCall"] * calls / _GIGABYTE * price["cloudwatchLogsPerGigabyte"]


def _evidence(given: Prices, blocks: float) -> float:
    price, assumed = given.prices, given.assumptions
    run = (price["kmsPerThousandSignatures"] + price["s3PerThousandPuts"]) / 1000
    reads = assumed["auditedReadUnitsPerBlock"] / _MILLION * price["dynamodbPerMillionReadUnits"]
    seconds = assumed["auditedMillisecondsPerBlock"] / 1000 * assumed["functionGigabytes"]
    return float(assumed["notaryRunsPerMonth"] * run + blocks * (reads + seconds * price["lambdaPerGigabyteSecond"]))


def _lambda(price: Mapping[str, Any], calls: float, gigabyte_seconds: float) -> float:
    started = calls / _MILLION * price["lambdaPerMillionCalls"]
    return started + calls * gigabyte_seconds * float(price["lambdaPerGigabyteSecond"])


def _kinesis(price: Mapping[str, Any], streamed: float, consumers: int) -> float:
    hours = SECONDS_PER_MONTH / 3600 * price["kinesisPerStreamHour"]
    return float(hours + streamed * (price["kinesisPerGigabyteIn"] + consumers * price["kinesisPerGigabyteOut"]))


def _tiered(tiers: Tiers, calls: float) -> float:
    cost, left = 0.0, calls
    for width, per_million in tiers:
        taken = left if width is None else min(left, width)
        cost += taken / _MILLION * per_million
        left -= taken
    return cost
