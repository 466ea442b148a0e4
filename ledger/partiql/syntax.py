"""The abstract syntax of statements: what the parser makes and the compiler reads.

`offset` is where the node starts in the statement's text, for errors.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; `value` is an Ion value or MISSING."""

    value: Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """The n-th `?`, from 0."""

    index: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A name: an alias, a field of the only source, or a table."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Path:
    """Steps into a value: a `str` is a field, anything else an expression in brackets."""

    root: "Expression"
    steps: "tuple[str | Expression, ...]"
    offset: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`, or the parenthesised list after IN."""

    items: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class BagOf:
    """`<< a, b >>`."""

    items: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class StructOf:
    """`{'a': b}`."""

    pairs: "tuple[tuple[Expression, Expression], ...]"
    offset: int


@dataclass(frozen=True, slots=True)
class Junction:
    """`a AND b AND c` or `a OR b OR c`; `operator` is "AND" or "OR"."""

    operator: str
    operands: "tuple[Expression, ...]"
    offset: int


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT a`."""

    operand: "Expression"
    offset: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`a = b` and the like; `operator` is one of = <> < <= > >=."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class In:
    """`a IN b`."""

    operand: "Expression"
    collection: "Expression"
    offset: int


@dataclass(frozen=True, slots=True)
class Between:
    """`a BETWEEN low AND high`."""

    operand: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True)
class Like:
    """`a LIKE pattern [ESCAPE escape]`."""

    operand: "Expression"
    pattern: "Expression"
    escape: "Expression | None"
    offset: int


@dataclass(frozen=True, slots=True)
class Is:
    """`a IS type`; `type_name` is a key of `operators.TYPE_TESTS`."""

    operand: "Expression"
    type_name: str


@dataclass(frozen=True, slots=True)
class Chain:
    """`a + b - c`, `a * b / c % d` or `a || b || c`, from left to right.

    After the first operand come (operator, operand, offset of the operator).
    """

    first: "Expression"
    rest: "tuple[tuple[str, Expression, int], ...]"
    offset: int


@dataclass(frozen=True, slots=True)
class Sign:
    """`- a` or `+ a`."""

    operator: str
    operand: "Expression"
    offset: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT, SUM, MIN, MAX or AVG over the rows; `operand` is None for `COUNT(*)`."""

    function: str
    operand: "Expression | None"
    offset: int


Expression: TypeAlias = (
    Literal
    | Parameter
    | Variable
    | Path
    | ListOf
    | BagOf
    | StructOf
    | Junction
    | Not
    | Comparison
    | In
    | Between
    | Like
    | Is
    | Chain
    | Sign
    | Aggregate
)
