"""From the parts of a text, read by a timestamp format, to a timestamp."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta, timezone, tzinfo
from decimal import Decimal

from ledger import ion
from ledger.ion import Timestamp, TimestampPrecision
from ledger.partiql.operators import OperandError
from ledger.partiql.words import MONTH_NAMES

PATTERNS: dict[str, str] = {
    **dict.fromkeys(("yy", "MM", "dd", "hh", "HH", "mm", "ss"), r"(\d{2})"),
    **dict.fromkeys(("M", "d", "h", "H", "m", "s"), r"(\d{1,2})"),
    "y": r"(\d{1,4})",
    "yyyy": r"(\d{4})",
    "MMM": "(" + "|".join(name[:3] for name in MONTH_NAMES) + ")",
    "MMMM": "(" + "|".join(MONTH_NAMES) + ")",
    "a": "(AM|PM)",
    **{"S" * digits: rf"(\d{{{digits}}})" for digits in range(1, 10)},
    **dict.fromkeys(("X",), r"(Z|[+-]\d{2}(?:\d{2})?)"),
    **dict.fromkeys(("XX", "XXXX"), r"(Z|[+-]\d{4})"),
    **dict.fromkeys(("XXX", "XXXXX"), r"(Z|[+-]\d{2}:\d{2})"),
    "x": r"([+-]\d{2}(?:\d{2})?)",
    **dict.fromkeys(("xx", "xxxx"), r"([+-]\d{4})"),
    **dict.fromkeys(("xxx", "xxxxx"), r"([+-]\d{2}:\d{2})"),
}
"""The text that each symbol of a format matches: padded symbols need their zeros (QLDB guide, "TO_TIMESTAMP")."""

_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)}
_ION_TIMESTAMP = re.compile(r"[0-9][0-9TZ:.+-]{3,60}", re.ASCII)
_ORDER = "yMdHmsS"
_PIVOT = 70


def from_ion_text(text: str) -> Timestamp:
    """Return the timestamp that a text spells as Ion does.

    Raises:
        OperandError: it spells none.
    """
    if _ION_TIMESTAMP.fullmatch(text):
        try:
            found = ion.parse(text)
        except ion.IonError:
            found = None
        if found is not None and ion.type_of(found) is ion.IonType.TIMESTAMP:
            return found
    raise OperandError(f"'{text[:40]}' is not an Ion timestamp")


def assembled(symbols: Sequence[str], texts: Iterable[str]) -> Timestamp:
    """Return the timestamp of these texts, each read by the symbol in its place.

    Raises:
        OperandError: a part is given twice, a part before the finest one is not given, or there is no such instant.
    """
    parts: dict[str, str] = {}
    for symbol, text in zip(symbols, texts, strict=True):
        name = symbol[0].replace("X", "x")
        if name in parts:
            raise OperandError(f"the timestamp format has the part '{name}' twice")
        parts[name] = text
    if ("h" in parts) != ("a" in parts) or ("h" in parts and "H" in parts):
        raise OperandError("a timestamp format needs 'h' and 'a' together, or 'H' alone")
    if "h" in parts:
        parts["H"] = str(int(parts.pop("h")) % 12 + (12 if parts.pop("a").upper() == "PM" else 0))
    return _timestamp(parts, "yy" in symbols)


def _timestamp(parts: dict[str, str], short_year: bool) -> Timestamp:
    given = [name for name in _ORDER if name in parts]
    if not given or given != list(_ORDER[: len(given)]):
        raise OperandError("a timestamp format needs a year, and every part between it and the finest one")
    if "x" in parts and "H" not in parts:
        raise OperandError("a timestamp format with an offset needs an hour")
    try:
        return Timestamp(
            _year(parts["y"], short_year),
            _month(parts.get("M", "1")),
            *(int(parts.get(name, default)) for name, default in (("d", "1"), ("H", "0"), ("m", "0"), ("s", "0"))),
            tzinfo=_zone(parts["x"]) if "x" in parts else None,
            precision=_PRECISION[given[-1]],
            fractional_seconds=Decimal(f"0.{parts.get('S', '')}" if parts.get("S") else 0),
        )
    except (OverflowError, ValueError):
        raise OperandError("the text names no instant that exists") from None


_PRECISION = {
    "y": TimestampPrecision.YEAR,
    "M": TimestampPrecision.MONTH,
    "d": TimestampPrecision.DAY,
    "H": TimestampPrecision.MINUTE,
    "m": TimestampPrecision.MINUTE,
    **dict.fromkeys("sS", TimestampPrecision.SECOND),
}


def _year(text: str, short: bool) -> int:
    year = int(text)
    return year if not short else year + (1900 if year >= _PIVOT else 2000)


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else _MONTHS[text[:3].lower()]


def _zone(text: str) -> tzinfo:
    if text in {"Z", "z"}:
        return UTC
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
