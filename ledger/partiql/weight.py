"""How large a value may get that a statement makes. Naming a large value often is short to write and costly to send."""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from ledger import ion
from ledger.partiql.operators import OperandError

MAX_WEIGHT: Final = 4 * 1024 * 1024
"""QLDB's quota on the bytes of a transaction, here in values, characters and bytes."""

Value = TypeVar("Value")
_TEXTS = (str, bytes)
_CONTAINERS = (list, dict, type(ion.struct(())))


def weighed(value: Value) -> Value:
    """Return the value.

    Raises:
        OperandError: it has more than 4 Mi values, characters and bytes, those counted again that stand in it twice.
    """
    check(weight_of(value))
    return value


def check(weight: int) -> None:
    """Raise OperandError for more than a value may weigh."""
    if weight > MAX_WEIGHT:
        raise OperandError(f"the value has more than {MAX_WEIGHT} elements and characters")


def weight_of(value: Any) -> int:
    """Return how many values, characters and bytes a value has; only that it is too many, once that is clear."""
    weight, waiting = 1, [value]
    while waiting and weight <= MAX_WEIGHT:
        item = waiting.pop()
        if isinstance(item, _TEXTS):
            weight += len(item)
        elif isinstance(item, _CONTAINERS):
            weight += len(item)
            if weight <= MAX_WEIGHT:
                waiting.extend(_children(item))
    return weight


def _children(item: Any) -> Iterable[Any]:
    return item if isinstance(item, list) else (field for _, field in ion.fields(item))
