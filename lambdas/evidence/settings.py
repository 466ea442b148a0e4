"""The settings of the notary and the auditor, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from lambdas.wallet.settings import MissingSettingError
from ledger.notary.s3 import Retention

_MODES = ("COMPLIANCE", "GOVERNANCE")


class InvalidSettingError(Exception):
    """An environment variable has a value that the function cannot work with."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"the environment variable {name} is {value!r}; set it to {wanted}")


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Which ledger, where its notarised digests are, and which keys sign them.

    `bucket_owner` is the account that must own the bucket (None: whoever does). The first of `key_arns` signs; the
    others have signed before it did.
    """

    ledger_name: str
    ledger_table: str
    bucket: str
    bucket_owner: str | None
    key_arns: tuple[str, ...]

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read LEDGER_NAME, LEDGER_TABLE, DIGEST_BUCKET, DIGEST_BUCKET_OWNER (may be left out), SIGNING_KEY_ARNS.

        Raises MissingSettingError.
        """
        return cls(
            _required(environment, "LEDGER_NAME"),
            _required(environment, "LEDGER_TABLE"),
            _required(environment, "DIGEST_BUCKET"),
            environment.get("DIGEST_BUCKET_OWNER") or None,
            tuple(arn.strip() for arn in _required(environment, "SIGNING_KEY_ARNS").split(",")),
        )


def read_retention(environment: Mapping[str, str]) -> Retention:
    """Read how long digests cannot be removed: OBJECT_LOCK_MODE and RETENTION_DAYS.

    Raises MissingSettingError, InvalidSettingError.
    """
    mode = _required(environment, "OBJECT_LOCK_MODE")
    if mode not in _MODES:
        raise InvalidSettingError("OBJECT_LOCK_MODE", mode, " or ".join(_MODES))
    return Retention(mode, _number("RETENTION_DAYS", _required(environment, "RETENTION_DAYS")))


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Where the auditor keeps what it knows, and how long a run checks again what was checked before.

    `carried`: fields of documents that go on from another field of the revision before, by that field's name.
    """

    bucket: str
    bucket_owner: str | None
    rolling_seconds: int
    carried: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read AUDIT_BUCKET and AUDIT_BUCKET_OWNER (else those of the digests), ROLLING_SECONDS (120), CARRIED_FIELDS.

        Raises MissingSettingError, InvalidSettingError.
        """
        bucket = environment.get("AUDIT_BUCKET")
        owner = environment.get("AUDIT_BUCKET_OWNER" if bucket else "DIGEST_BUCKET_OWNER")
        seconds = _number("ROLLING_SECONDS", environment.get("ROLLING_SECONDS") or "120")
        carried = _pairs("CARRIED_FIELDS", environment.get("CARRIED_FIELDS") or "")
        return cls(bucket or _required(environment, "DIGEST_BUCKET"), owner or None, seconds, carried)


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise MissingSettingError(name)
    return value


def _pairs(name: str, text: str) -> dict[str, str]:
    pairs = [pair.partition("=")[::2] for pair in text.split(",") if pair]
    if not all(field and before for field, before in pairs):
        raise InvalidSettingError(name, text, "FIELD=FIELD_BEFORE, several with commas between them")
    return dict(pairs)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InvalidSettingError(name, text, "a whole number from 1 on")
    return int(text)
