"""The settings of a deployment: those of its environment, and over them those of the CDK context."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Self

from aws_cdk import Environment

from . import setting_values as values
from .errors import SettingsError

Environments = Mapping[str, Callable[..., "Settings"]]
"""Environments by their names: each makes settings of its own, in which keyword arguments replace single ones."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that a deployment can choose. Each field is a context key of the same name.

    `deployment` begins the stacks' names and so all generated physical names: two deployments with different values
    live side by side in one account and region, unless they are given the same physical names; by default (None) those
    are generated, or begin with `deployment`, as does the ledger's. `strands` and `ledger_name` are fixed when the
    ledger is created.
    `default_balance_threshold` is for wallets without one of their own; None is for none. Every `notary_minutes` the
    digest is notarised, and every `audit_minutes` the ledger is audited against that; 0 turns it off. The first of
    `signing_key_arns` signs digests, the others did so before it; by default a new key does. `digest_bucket` is one
    with Object Lock in the account `digest_bucket_owner`, best another than this; by default there is a new one.
    Without `keep_data` the tables go when the stacks are deleted, for deployments that are thrown away; keys, and
    buckets with what is in them, stay. AWS Backup keeps a copy of each day for `backup_days` (0: it is not used), in a
    vault from which nobody (`backup_lock` COMPLIANCE), or only who may unlock it (GOVERNANCE), removes one earlier.
    Alarms are told to `alarm_topic_arn`, by default a new topic. The runbook is read at `runbook_url`. With `account`
    and `region` a deployment to any other is refused.
    """

    deployment: str = "captable1"
    ledger_name: str | None = None
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
    keep_data: bool = True
    backup_days: int = 0
    backup_lock: str = "NONE"
    dashboard: bool = True
    alarm_topic_arn: str | None = None
    runbook_url: str | None = None
    account: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        """Check every field. Raises SettingsError naming the field, its value and the fix."""
        for name, parse in _PARSERS.items():
            object.__setattr__(self, name, _parsed(name, parse, getattr(self, name)))
        self._check_evidence()
        if self.backup_lock != "NONE" and not self.backup_days:
            raise SettingsError("setting 'backup_lock' locks backups; give 'backup_days' too, or leave it out")

    @property
    def ledger(self) -> str:
        """The ledger's name: deployments have different ones, since metrics are told apart by it."""
        return self.ledger_name or re.sub("-+", "-", self.deployment)[:32].strip("-")

    @property
    def kinesis_stream(self) -> str:
        """The physical name of the Kinesis stream."""
        return self.kinesis_stream_name or f"{self.deployment}-kinesis-stream"

    @property
    def env(self) -> Environment | None:
        """Where the stacks may be deployed, if that is set."""
        return Environment(account=self.account, region=self.region) if self.account or self.region else None

    @classmethod
    def from_context(cls, context: Mapping[str, object], environments: Environments | None = None) -> Self:
        """Return the settings of the environment that `context` names, if any, with what else `context` gives.

        Raises SettingsError naming the field, the value and the fix, also for a key that looks like a misspelt one.
        """
        names = [field.name for field in fields(cls)]
        _reject_misspelt(context, [*names, ENVIRONMENT])
        given = {name: context[name] for name in names if name in context}
        make: Callable[..., Any] = cls
        if (chosen := context.get(ENVIRONMENT)) is not None:
            make = _environment(environments or {}, chosen)
            _check_alone(make, chosen)
        settings: Self = make(**given)
        return settings

    def _check_evidence(self) -> None:
        if self.audit_minutes and not self.notary_minutes:
            raise SettingsError("setting 'audit_minutes' must be 0 if 'notary_minutes' is: audits need digests")
        if bool(self.digest_bucket) != bool(self.digest_bucket_owner):
            raise SettingsError("settings 'digest_bucket' and 'digest_bucket_owner' must be given both or neither")
        if self.digest_bucket_key_arn and not self.digest_bucket:
            raise SettingsError("setting 'digest_bucket_key_arn' is that of 'digest_bucket'; give both, or neither")


ENVIRONMENT = "environment"
"""The key of the context that names the environment."""


def _environment(environments: Environments, chosen: object) -> Any:
    if chosen not in environments:
        raise SettingsError(f"setting 'environment' is {chosen!r}; it must be one of {', '.join(sorted(environments))}")
    return environments[str(chosen)]


def _check_alone(make: Callable[[], object], chosen: object) -> None:
    """Make the environment's settings without the context, so that what is wrong in it is said to be wrong there."""
    try:
        make()
    except SettingsError as error:
        raise SettingsError(f"environment {chosen!r}: {error}") from None


def _reject_misspelt(context: Mapping[str, object], names: list[str]) -> None:
    for key in context:
        near = get_close_matches(key.replace("-", "_").lower(), names, n=1, cutoff=0.8)
        if key not in names and near:
            raise SettingsError(f"unknown setting {key!r} in the CDK context; did you mean {near[0]!r}?")


def _parsed(name: str, parse: values.Parser, value: object) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        raise SettingsError(f"setting {name!r} is {value!r}; it must be {error}") from None


_PARSERS: dict[str, values.Parser] = {
    "deployment": values.text(r"[A-Za-z][A-Za-z0-9-]{0,39}", "1 to 40 letters, digits and hyphens, a letter first"),
    "ledger_name": values.or_null(values.ledger_name, "one made of the deployment's"),
    "ledger_table_name": values.table_name,
    "profile_table_name": values.table_name,
    "strands": values.whole(1, 16),
    "stage": values.text(r"[A-Za-z0-9_]{1,128}", "1 to 128 letters, digits and underscores"),
    "architecture": values.one_of("arm64", "x86_64"),
    "memory_mb": values.whole(256, 10240),
    "log_retention_days": values.days,
    "throttle_rate": values.whole(1, 10000),
    "throttle_burst": values.whole(1, 5000),
    "cache_seconds": values.whole(0, 3600),
    "journal_stream_name": values.or_null(values.ledger_name, "one made of the ledger's"),
    "kinesis_stream_name": values.or_null(
        values.text(r"[A-Za-z0-9_.-]{1,128}", "1 to 128 letters, digits, dots, underscores and hyphens"),
        "one made of the deployment's",
    ),
    "kinesis_retention_hours": values.whole(24, 8760),
    "aggregation": values.flag,
    "journal_archive": values.flag,
    "archive_buffering_seconds": values.whole(60, 900),
    "archive_cold_days": values.whole(30, 3650),
    "archive_deep_days": values.whole(120, 36500),
    "transaction_view": values.flag,
    "balance_alerts": values.flag,
    "default_balance_threshold": values.or_null(values.money, "none"),
    "search_index": values.flag,
    "notary_minutes": values.zero_or(1, 480),
    "object_lock_mode": values.one_of("COMPLIANCE", "GOVERNANCE"),
    "object_lock_days": values.whole(1, 36500),
    "signing_key_arns": values.key_arns,
    "digest_bucket": values.or_null(
        values.text(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket"), "a new one"
    ),
    "digest_bucket_owner": values.or_null(
        values.text(r"[0-9]{12}", "an account's 12 digits, in quotes"), "this account"
    ),
    "digest_bucket_key_arn": values.or_null(values.key_arn, "none"),
    "audit_minutes": values.zero_or(15, 480),
    "keep_data": values.flag,
    "backup_days": values.zero_or(7, 36500),
    "backup_lock": values.one_of("NONE", "GOVERNANCE", "COMPLIANCE"),
    "dashboard": values.flag,
    "alarm_topic_arn": values.or_null(
        values.text(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}", "the ARN of an SNS topic"),
        "a new topic",
    ),
    "runbook_url": values.or_null(
        values.text(r"https?://[^\s#]{1,500}", "a URL without #, such as https://wiki.example.com/runbook"),
        "docs/runbook.md",
    ),
    "account": values.or_null(
        values.text(r"[0-9]{12}", "an account's 12 digits, in quotes"), "the account of the credentials"
    ),
    "region": values.or_null(
        values.text(r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region, such as eu-west-1"), "the region of the credentials"
    ),
}
