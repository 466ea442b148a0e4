"""MISSING, bags, and what counts as unknown in three-valued logic."""

from typing import Any, Final

from ledger import ion
from ledger.comparison import Bag

__all__ = ["MISSING", "UNKNOWN_TYPES", "Bag", "is_integer", "is_sequence", "settled", "struct", "text_of", "type_name"]


class Missing:
    """The type of MISSING, the value of a field that is not there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()

UNKNOWN_TYPES: Final[frozenset[type]] = frozenset({Missing, type(None), type(ion.typed(None, ion.IonType.NULL))})
"""The types of MISSING and of every null: membership of `type(value)` is the quickest test for unknown."""


def is_sequence(value: Any) -> bool:
    """Whether FROM, IN and INSERT range over the value's elements: lists, S-expressions and bags."""
    return isinstance(value, list)


def is_integer(value: Any) -> bool:
    """Return whether the value is an Ion int, not a null and not a boolean."""
    return type(value) is int or (type(value) not in UNKNOWN_TYPES and ion.type_of(value) is ion.IonType.INT)


def settled(value: Any) -> Any:
    """Return the value as it may stand in a document or a row: a bag as a list, MISSING as null."""
    if value is MISSING:
        return None
    return list(value) if type(value) is Bag else value


def text_of(value: Any) -> str | None:
    """Return the text of a string or symbol, None of anything else."""
    if isinstance(value, str):
        return value
    if type(value) in UNKNOWN_TYPES or ion.type_of(value) is not ion.IonType.SYMBOL:
        return None
    return ion.symbol_text(value)


def type_name(value: Any) -> str:
    """Return the name of a value's type for messages."""
    if value is MISSING:
        return "missing"
    return "bag" if type(value) is Bag else str(ion.type_of(value).name).lower()


def struct(pairs: list[tuple[str, Any]]) -> Any:
    """Return a struct of these fields without the missing ones: a dict unless a name repeats."""
    kept = [(name, settled(value)) for name, value in pairs if value is not MISSING]
    found = dict(kept)
    return found if len(found) == len(kept) else ion.struct(kept)
