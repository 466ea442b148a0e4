"""LIKE, in time that no pattern can blow up: each stretch between two `%` is searched for once, from left to right."""

import re
from functools import lru_cache
from typing import NamedTuple

from ledger.partiql.operators import OperandError


class _Stretch(NamedTuple):
    length: int
    pattern: re.Pattern[str]


def like(text: str, pattern: str, escape: str | None) -> bool:
    """Whether the whole text matches: `%` is any text, `_` one character, the escape makes them literal.

    Raises:
        OperandError: the escape is not one character, or escapes nothing.
    """
    first, *others = _stretches(pattern, escape)
    if not others:
        return len(text) == first.length and first.pattern.match(text) is not None
    last = others.pop()
    end = len(text) - last.length
    if end < first.length or not first.pattern.match(text) or not last.pattern.match(text, end):
        return False
    start = first.length
    for stretch in others:
        found = stretch.pattern.search(text, start, end)
        if found is None:
            return False
        start = found.end()
    return True


@lru_cache(maxsize=256)
def _stretches(pattern: str, escape: str | None) -> tuple[_Stretch, ...]:
    if escape is not None and len(escape) != 1:
        raise OperandError(f"ESCAPE must be one character, got {escape[:40]!r}")
    stretches: list[list[str]] = [[]]
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            stretches[-1].append(re.escape(_escaped(next(characters, ""), escape)))
        elif character == "%":
            stretches.append([])
        else:
            stretches[-1].append("." if character == "_" else re.escape(character))
    return tuple(_Stretch(len(parts), re.compile("".join(parts), re.DOTALL)) for parts in stretches)


def _escaped(character: str, escape: str) -> str:
    if not character or character not in f"%_{escape}":
        raise OperandError(f"the escape {escape!r} must stand before %, _ or itself")
    return character
