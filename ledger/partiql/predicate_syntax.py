"""The abstract syntax of what is true, false or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.partiql.syntax import Expression


@dataclass(frozen=True, slots=True)
class Junction:
    """`a AND b AND c` or `a OR b OR c`; `operator` is "AND" or "OR"."""

    operator: str
    operands: tuple[Expression, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT a`."""

    operand: Expression
    offset: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`a = b` and the like; `operator` is one of = <> < <= > >=."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class In:
    """`a IN b`."""

    operand: Expression
    collection: Expression
    offset: int


@dataclass(frozen=True, slots=True)
class Between:
    """`a BETWEEN low AND high`."""

    operand: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class Like:
    """`a LIKE pattern [ESCAPE escape]`."""

    operand: Expression
    pattern: Expression
    escape: Expression | None
    offset: int


@dataclass(frozen=True, slots=True)
class Is:
    """`a IS type`; `type_name` is a key of `types.TYPE_TESTS`."""

    operand: Expression
    type_name: str
