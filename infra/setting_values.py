"""Values of settings: each function here takes what a context or an environment gives, or says what it must be.

They raise ValueError with words that follow "it must be". What they return they take, too.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from .log_retention import LOG_RETENTION_DAYS

Parser = Callable[[object], Any]


def text(pattern: str, words: str) -> Parser:
    """Take text that is all of the pattern."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(words)
        return value

    return parse


def whole(low: int, high: int) -> Parser:
    """Take a whole number, also written as text."""

    def parse(value: object) -> int:
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", str(value)) or not low <= int(str(value)) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(str(value))

    return parse


def zero_or(low: int, high: int) -> Parser:
    """Take a whole number, or 0 for never."""

    def parse(value: object) -> int:
        try:
            return 0 if value in {0, "0"} and value is not False else int(whole(low, high)(value))
        except ValueError as error:
            raise ValueError(f"0 for never, or {error}") from None

    return parse


def flag(value: object) -> bool:
    """Take true or false, also written as text."""
    if str(value).lower() not in {"true", "false"}:
        raise ValueError("true or false")
    return str(value).lower() == "true"


def one_of(*choices: str) -> Parser:
    """Take one of the choices."""
    return text("|".join(choices), f"one of {', '.join(choices)}")


def or_null(parse: Parser, meaning: str) -> Parser:
    """Take null as well, which means what the message says."""

    def parse_or_null(value: object) -> Any:
        try:
            return None if value is None else parse(value)
        except ValueError as error:
            raise ValueError(f"null for {meaning}, or {error}") from None

    return parse_or_null


def money(value: object) -> Decimal:
    """Take an amount of money."""
    words = "an amount >= 0 with at most two decimals"
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(words) from None
    if isinstance(value, bool) or not amount.is_finite() or not 0 <= amount < 10**12 or amount != round(amount, 2):
        raise ValueError(words)
    return amount


def days(value: object) -> int:
    """Take a time for which CloudWatch keeps logs."""
    if isinstance(value, bool) or str(value) not in map(str, LOG_RETENTION_DAYS):
        raise ValueError(f"one of {', '.join(map(str, LOG_RETENTION_DAYS))}")
    return int(str(value))


def key_arns(value: object) -> tuple[str, ...]:
    """Take a list of keys, also as text with commas."""
    given = value.split(",") if isinstance(value, str) else value
    if given is None or given == ():
        return ()
    try:
        return tuple(key_arn(arn) for arn in (given if isinstance(given, list | tuple) and given else [given]))
    except ValueError as error:
        raise ValueError(f"null for a new key, or a list of keys, each {error}") from None


key_arn = text(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}", "the ARN of a KMS key (no alias)")
table_name = or_null(
    text(r"[A-Za-z0-9_.-]{3,255}", "3 to 255 letters, digits, dots, underscores and hyphens"), "a generated name"
)
ledger_name = text(
    r"(?!.*--)(?![0-9]+$)(?!-)(?!.*-$)[A-Za-z0-9-]{1,32}",
    "1 to 32 letters, digits and single hyphens, not only digits, no hyphen at either end",
)
