"""The functions' settings, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class MissingSettingError(Exception):
    """An environment variable that the function cannot do without is not set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the environment variable {name} is not set; set it in the function's configuration")


@dataclass(frozen=True, slots=True)
class Settings:
    """Which ledger, where its cells are, and where profiles go (None: this function leaves them to the others).

    And where its notarised digests are (None: nowhere, or this function has no use of them), which account must own
    that bucket (None: whoever does), and which keys sign them.
    """

    ledger_name: str
    ledger_table: str
    profile_table: str | None = None
    digest_bucket: str | None = None
    digest_bucket_owner: str | None = None
    signing_key_arns: tuple[str, ...] = ()

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read LEDGER_NAME, LEDGER_TABLE and PROFILE_TABLE.

        And DIGEST_BUCKET, then SIGNING_KEY_ARNS, with commas between them, and perhaps DIGEST_BUCKET_OWNER.
        Raises MissingSettingError.
        """
        bucket = environment.get("DIGEST_BUCKET") or None
        arns = _required(environment, "SIGNING_KEY_ARNS") if bucket else ""
        return cls(
            _required(environment, "LEDGER_NAME"),
            _required(environment, "LEDGER_TABLE"),
            environment.get("PROFILE_TABLE") or None,
            bucket,
            environment.get("DIGEST_BUCKET_OWNER") or None,
            tuple(arn.strip() for arn in arns.split(",") if arn),
        )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise MissingSettingError(name)
    return value
