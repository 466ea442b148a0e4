"""The settings of the functions that take a journal stream, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Self

from lambdas.wallet.settings import MissingSettingError

Environment = Mapping[str, str]


class InvalidSettingError(Exception):
    """An environment variable has a value that the function cannot work with."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"the environment variable {name} is {value!r}; set it to {wanted}")


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """Where the view is, which of the ledger's tables it shows, and where poison goes."""

    view_table: str
    journal_table: str
    dead_letter_queue_url: str

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read VIEW_TABLE, JOURNAL_TABLE_NAME and DEAD_LETTER_QUEUE_URL. Raises MissingSettingError."""
        return cls(
            _required(environment, "VIEW_TABLE"),
            _required(environment, "JOURNAL_TABLE_NAME"),
            _required(environment, "DEAD_LETTER_QUEUE_URL"),
        )


@dataclass(frozen=True, slots=True)
class RebuildSettings:
    """Where the view is, and which table of which ledger it is rebuilt from."""

    view_table: str
    journal_table: str
    ledger_name: str
    ledger_table: str

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read VIEW_TABLE, JOURNAL_TABLE_NAME, LEDGER_NAME and LEDGER_TABLE. Raises MissingSettingError."""
        return cls(
            _required(environment, "VIEW_TABLE"),
            _required(environment, "JOURNAL_TABLE_NAME"),
            _required(environment, "LEDGER_NAME"),
            _required(environment, "LEDGER_TABLE"),
        )


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Where alerts are noted and sent.

    `default_threshold` is that of wallets which have none of their own; None: those raise no alerts. A revision older
    than `maximum_age` raises none either. A crossing that was alerted is remembered for `memory`, which is longer.
    """

    alerts_table: str
    journal_table: str
    event_bus: str
    dead_letter_queue_url: str
    default_threshold: Decimal | None
    maximum_age: timedelta
    memory: timedelta

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read ALERTS_TABLE, JOURNAL_TABLE_NAME, EVENT_BUS_NAME and DEAD_LETTER_QUEUE_URL, which must be there.

        DEFAULT_THRESHOLD (none), MAXIMUM_ALERT_AGE_HOURS (336: two weeks) and ALERT_MEMORY_DAYS (90) may be left out.
        Raises MissingSettingError, InvalidSettingError.
        """
        threshold = environment.get("DEFAULT_THRESHOLD")
        age = timedelta(hours=float(_number(environment, "MAXIMUM_ALERT_AGE_HOURS", "336")))
        memory = timedelta(days=float(_number(environment, "ALERT_MEMORY_DAYS", "90")))
        # Else a revision could be judged again when the crossing that it made is forgotten.
        if memory <= age:
            raise InvalidSettingError("ALERT_MEMORY_DAYS", f"{memory}", "more than MAXIMUM_ALERT_AGE_HOURS, in days")
        return cls(
            _required(environment, "ALERTS_TABLE"),
            _required(environment, "JOURNAL_TABLE_NAME"),
            _required(environment, "EVENT_BUS_NAME"),
            _required(environment, "DEAD_LETTER_QUEUE_URL"),
            _number(environment, "DEFAULT_THRESHOLD", "") if threshold else None,
            age,
            memory,
        )


def _required(environment: Environment, name: str) -> str:
    value = environment.get(name)
    if not value:
        raise MissingSettingError(name)
    return value


def _number(environment: Environment, name: str, default: str) -> Decimal:
    text = environment.get(name) or default
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not (value.is_finite() and 0 <= value < 10**12):
        raise InvalidSettingError(name, text, "a number from 0 on")
    return value
