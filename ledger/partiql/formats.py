"""TO_STRING and TO_TIMESTAMP: timestamps by format (QLDB guide, "Timestamp format strings")."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ledger.ion import Timestamp
from ledger.partiql.dates import fraction_of, required
from ledger.partiql.format_reading import PATTERNS, assembled, from_ion_text
from ledger.partiql.operators import OperandError, required_text
from ledger.partiql.words import MONTH_NAMES

_LEXEME = re.compile(r"'((?:[^']|'')+)'|('')|([A-Za-z])\3*|([^A-Za-z'])|(')", re.DOTALL)
_MAX_FORMAT = 1_000


class _Piece(NamedTuple):
    """A part of a format: a symbol such as `MM`, or text that stands for itself."""

    symbol: str | None
    text: str


@lru_cache(maxsize=256)
def _pieces(pattern: str) -> tuple[_Piece, ...]:
    if len(pattern) > _MAX_FORMAT:
        raise OperandError(f"a timestamp format has at most {_MAX_FORMAT} characters, got {len(pattern)}")
    return tuple(_each_piece(pattern))


def _each_piece(pattern: str) -> Iterator[_Piece]:
    for match in _LEXEME.finditer(pattern):
        quoted, quote, letter, other, open_quote = match.groups()
        if open_quote:
            raise OperandError(f"the timestamp format '{pattern[:40]}' has a quote without an end")
        if letter and match.group() not in _WRITERS:
            raise OperandError(f"a timestamp format cannot have '{match.group()[:40]}'")
        text = quoted.replace("''", "'") if quoted else "'" if quote else other or ""
        yield _Piece(match.group() if letter else None, text)


def written(value: Any, pattern: Any) -> str:
    """TO_STRING: the timestamp in this format.

    Raises:
        OperandError: no timestamp, or no format.
    """
    found = required(value)
    return "".join(
        piece.text if piece.symbol is None else _WRITERS[piece.symbol](found)
        for piece in _pieces(required_text(pattern))
    )


def read(value: Any, pattern: Any = None) -> Timestamp:
    """TO_TIMESTAMP: what a text in this format says, else in Ion's; as precise as the format.

    Raises:
        OperandError: the text is not in the format, names no instant, or the format leaves parts out.
    """
    text = required_text(value)
    if pattern is None:
        return from_ion_text(text)
    pieces = _pieces(required_text(pattern))
    symbols = [piece.symbol for piece in pieces if piece.symbol is not None]
    expression = "".join(re.escape(piece.text) if piece.symbol is None else PATTERNS[piece.symbol] for piece in pieces)
    match = re.fullmatch(expression, text, re.IGNORECASE | re.ASCII | re.DOTALL)
    if match is None:
        raise OperandError(f"'{text[:40]}' is not in the timestamp format '{str(pattern)[:40]}'")
    return assembled(symbols, match.groups())


def _offset(value: Any, *, minutes: bool, colon: bool, zulu: bool) -> str:
    offset = value.utcoffset() or timedelta()
    if zulu and not offset:
        return "Z"
    total = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(total), 60)
    tail = f"{':' if colon else ''}{rest:02d}" if minutes or rest else ""
    return f"{'-' if total < 0 else '+'}{hours:02d}{tail}"


def _fraction(digits: int) -> Callable[[Any], str]:
    return lambda value: f"{int(fraction_of(value).scaleb(digits)):0{digits}d}"


def _offsets(letter: str, *, zulu: bool) -> dict[str, Callable[[Any], str]]:
    shapes = {1: (False, False), 2: (True, False), 3: (True, True), 4: (True, False), 5: (True, True)}
    return {
        letter * count: partial(_offset, minutes=minutes, colon=colon, zulu=zulu)
        for count, (minutes, colon) in shapes.items()
    }


_WRITERS: dict[str, Callable[[Any], str]] = {
    "yy": lambda value: f"{value.year % 100:02d}",
    "y": lambda value: str(value.year),
    "yyyy": lambda value: f"{value.year:04d}",
    "M": lambda value: str(value.month),
    "MM": lambda value: f"{value.month:02d}",
    "MMM": lambda value: MONTH_NAMES[value.month - 1][:3],
    "MMMM": lambda value: MONTH_NAMES[value.month - 1],
    "d": lambda value: str(value.day),
    "dd": lambda value: f"{value.day:02d}",
    "a": lambda value: "AM" if value.hour < 12 else "PM",
    "h": lambda value: str((value.hour + 11) % 12 + 1),
    "hh": lambda value: f"{(value.hour + 11) % 12 + 1:02d}",
    "H": lambda value: str(value.hour),
    "HH": lambda value: f"{value.hour:02d}",
    "m": lambda value: str(value.minute),
    "mm": lambda value: f"{value.minute:02d}",
    "s": lambda value: str(value.second),
    "ss": lambda value: f"{value.second:02d}",
    **{"S" * digits: _fraction(digits) for digits in range(1, 10)},
    **_offsets("X", zulu=True),
    **_offsets("x", zulu=False),
}
