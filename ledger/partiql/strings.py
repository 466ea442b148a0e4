"""The string functions (QLDB guide, "String functions"). Symbols count as their text."""

from typing import Any

from ledger.partiql.operators import OperandError, required_text
from ledger.partiql.values import is_integer, type_name


def length(value: Any) -> int:
    """CHAR_LENGTH: the number of Unicode code points."""
    return len(required_text(value))


def lower(value: Any) -> str:
    """LOWER."""
    return required_text(value).lower()


def upper(value: Any) -> str:
    """UPPER."""
    return required_text(value).upper()


def substring(value: Any, start: Any, count: Any = None) -> str:
    """SUBSTRING: from the character at `start`, the first being 1; positions before it count, and hold nothing.

    Raises:
        OperandError: no text, a position that is no integer, or a negative length.
    """
    text = required_text(value)
    first = _integer(start)
    end = len(text) + 1 if count is None else first + _integer(count)
    if end < first and count is not None:
        raise OperandError(f"SUBSTRING needs a length of 0 or more, got {str(count)[:40]}")
    return text[max(first, 1) - 1 : max(end, 1) - 1]


def trimmed(side: str, characters: Any, value: Any) -> str:
    """TRIM: without any of these characters at its start, at its end, or both."""
    text, unwanted = required_text(value), required_text(characters)
    if side == "LEADING":
        return text.lstrip(unwanted)
    return text.rstrip(unwanted) if side == "TRAILING" else text.strip(unwanted)


def _integer(value: Any) -> int:
    if not is_integer(value):
        raise OperandError(f"SUBSTRING needs integers for start and length, got a value of type {type_name(value)}")
    return int(value)
