"""The settings of a deployment, read from the CDK context (`cdk.json`, or `-c name=value`)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Self

from .errors import SettingsError
from .log_retention import LOG_RETENTION_DAYS

_Parser = Callable[[object], Any]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that a deployment can choose. Each field is a context key of the same name.

    `deployment` begins the stacks' names and so all generated physical names: two deployments with different values
    live side by side in one account and region, unless they are given the same physical names; by default (None) those
    are generated, or begin with `deployment`. `strands` and `ledger_name` are fixed when the ledger is created.
    `default_balance_threshold` is for wallets without one of their own; None is for none. Every `notary_minutes` the
    digest is notarised, and every `audit_minutes` the ledger is audited against that; 0 turns it off. The first of
    `signing_key_arns` signs digests, the others did so before it; by default a new key does. `digest_bucket` is one
    with Object Lock in the account `digest_bucket_owner`, best another than this; by default there is a new one.
    """

    deployment: str = "captable1"
    ledger_name: str = "captable1"
    strands: int = 8
    ledger_table_name: str | None = None
    profile_table_name: str | None = None
    stage: str = "funds"
    architecture: str = "arm64"
    memory_mb: int = 1024
    log_retention_days: int = 90
    throttle_rate: int = 100
    throttle_burst: int = 200
    cache_seconds: int = 5
    journal_stream_name: str | None = None
    kinesis_stream_name: str | None = None
    kinesis_retention_hours: int = 24
    aggregation: bool = False
    journal_archive: bool = True
    archive_buffering_seconds: int = 300
    archive_cold_days: int = 90
    archive_deep_days: int = 730
    transaction_view: bool = True
    balance_alerts: bool = True
    default_balance_threshold: Decimal | None = Decimal(10)
    search_index: bool = False
    notary_minutes: int = 5
    object_lock_mode: str = "COMPLIANCE"
    object_lock_days: int = 365
    signing_key_arns: tuple[str, ...] = ()
    digest_bucket: str | None = None
    digest_bucket_owner: str | None = None
    digest_bucket_key_arn: str | None = None
    audit_minutes: int = 60

    @property
    def kinesis_stream(self) -> str:
        """The physical name of the Kinesis stream."""
        return self.kinesis_stream_name or f"{self.deployment}-kinesis-stream"

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> Self:
        """Return the settings that `context` gives, with the defaults for what it leaves out.

        Raises SettingsError naming the key, the value and the fix, also for a key that looks like a misspelt one.
        """
        names = [field.name for field in fields(cls)]
        _reject_misspelt(context, names)
        settings = cls(**{name: _parsed(name, context[name]) for name in names if name in context})
        settings._check_evidence()
        return settings

    def _check_evidence(self) -> None:
        if self.audit_minutes and not self.notary_minutes:
            raise SettingsError("setting 'audit_minutes' must be 0 if 'notary_minutes' is: audits need digests")
        if bool(self.digest_bucket) != bool(self.digest_bucket_owner):
            raise SettingsError("settings 'digest_bucket' and 'digest_bucket_owner' must be given both or neither")
        if self.digest_bucket_key_arn and not self.digest_bucket:
            raise SettingsError("setting 'digest_bucket_key_arn' is that of 'digest_bucket'; give both, or neither")


def _reject_misspelt(context: Mapping[str, object], names: list[str]) -> None:
    for key in context:
        near = get_close_matches(key.replace("-", "_").lower(), names, n=1, cutoff=0.8)
        if key not in names and near:
            raise SettingsError(f"unknown setting {key!r} in the CDK context; did you mean {near[0]!r}?")


def _parsed(name: str, value: object) -> Any:
    try:
        return _PARSERS[name](value)
    except ValueError as error:
        raise SettingsError(f"setting {name!r} is {value!r}; it must be {error}") from None


def _text(pattern: str, words: str) -> _Parser:
    def parse(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(words)
        return value

    return parse


def _whole(low: int, high: int) -> _Parser:
    def parse(value: object) -> int:
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", str(value)) or not low <= int(str(value)) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(str(value))

    return parse


def _zero_or(low: int, high: int) -> _Parser:
    def parse(value: object) -> int:
        try:
            return 0 if value in {0, "0"} and value is not False else int(_whole(low, high)(value))
        except ValueError as error:
            raise ValueError(f"0 for never, or {error}") from None

    return parse


def _flag(value: object) -> bool:
    if str(value).lower() not in {"true", "false"}:
        raise ValueError("true or false")
    return str(value).lower() == "true"


def _one_of(*choices: str) -> _Parser:
    return _text("|".join(choices), f"one of {', '.join(choices)}")


def _or_null(parse: _Parser, meaning: str) -> _Parser:
    def parse_or_null(value: object) -> Any:
        try:
            return None if value is None else parse(value)
        except ValueError as error:
            raise ValueError(f"null for {meaning}, or {error}") from None

    return parse_or_null


def _money(value: object) -> Decimal:
    words = "an amount >= 0 with at most two decimals"
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(words) from None
    if isinstance(value, bool) or not amount.is_finite() or not 0 <= amount < 10**12 or amount != round(amount, 2):
        raise ValueError(words)
    return amount


def _days(value: object) -> int:
    if isinstance(value, bool) or str(value) not in map(str, LOG_RETENTION_DAYS):
        raise ValueError(f"one of {', '.join(map(str, LOG_RETENTION_DAYS))}")
    return int(str(value))


def _key_arns(value: object) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    if given is None:
        return ()
    try:
        return tuple(_key_arn(arn) for arn in (given if isinstance(given, list) and given else [given]))
    except ValueError as error:
        raise ValueError(f"null for a new key, or a list of keys, each {error}") from None


_key_arn = _text(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}", "the ARN of a KMS key (no alias)")
_table_name = _or_null(
    _text(r"[A-Za-z0-9_.-]{3,255}", "3 to 255 letters, digits, dots, underscores and hyphens"), "a generated name"
)
_ledger_name = _text(
    r"(?!.*--)(?![0-9]+$)(?!-)(?!.*-$)[A-Za-z0-9-]{1,32}",
    "1 to 32 letters, digits and single hyphens, not only digits, no hyphen at either end",
)

_PARSERS: dict[str, _Parser] = {
    "deployment": _text(r"[A-Za-z][A-Za-z0-9-]{0,39}", "1 to 40 letters, digits and hyphens, a letter first"),
    "ledger_name": _ledger_name,
    "ledger_table_name": _table_name,
    "profile_table_name": _table_name,
    "strands": _whole(1, 16),
    "stage": _text(r"[A-Za-z0-9_]{1,128}", "1 to 128 letters, digits and underscores"),
    "architecture": _one_of("arm64", "x86_64"),
    "memory_mb": _whole(256, 10240),
    "log_retention_days": _days,
    "throttle_rate": _whole(1, 10000),
    "throttle_burst": _whole(1, 5000),
    "cache_seconds": _whole(0, 3600),
    "journal_stream_name": _or_null(_ledger_name, "one made of the ledger's"),
    "kinesis_stream_name": _or_null(
        _text(r"[A-Za-z0-9_.-]{1,128}", "1 to 128 letters, digits, dots, underscores and hyphens"),
        "one made of the deployment's",
    ),
    "kinesis_retention_hours": _whole(24, 8760),
    "aggregation": _flag,
    "journal_archive": _flag,
    "archive_buffering_seconds": _whole(60, 900),
    "archive_cold_days": _whole(30, 3650),
    "archive_deep_days": _whole(120, 36500),
    "transaction_view": _flag,
    "balance_alerts": _flag,
    "default_balance_threshold": _or_null(_money, "none"),
    "search_index": _flag,
    "notary_minutes": _zero_or(1, 480),
    "object_lock_mode": _one_of("COMPLIANCE", "GOVERNANCE"),
    "object_lock_days": _whole(1, 36500),
    "signing_key_arns": _key_arns,
    "digest_bucket": _or_null(_text(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket"), "a new one"),
    "digest_bucket_owner": _or_null(_text(r"[0-9]{12}", "an account's 12 digits, in quotes"), "this account"),
    "digest_bucket_key_arn": _or_null(_key_arn, "none"),
    "audit_minutes": _zero_or(15, 480),
}
