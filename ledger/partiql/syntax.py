"""The abstract syntax of statements: what the parser makes and the compiler reads.

`offset` is where the node starts in the statement's text, for errors.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from ledger.partiql.predicate_syntax import Between, Comparison, In, Is, Junction, Like, Not


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
    """A name: an alias, a field of the only source, or a table; `local`, written `@name`, an alias only."""

    name: str
    offset: int
    local: bool = False


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A step to all elements, `[*]`, or to the values of all fields, `.*`."""

    of_fields: bool


@dataclass(frozen=True, slots=True)
class Path:
    """Steps into a value: a `str` is a field, anything but a wildcard an expression in brackets."""

    root: "Expression"
    steps: "tuple[str | Wildcard | Expression, ...]"
    offset: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`, or the parenthesised list after IN."""

    items: "tuple[Expression, ...]"
    offset: int


@dataclass(frozen=True, slots=True)
class BagOf:
    """`<< a, b >>`."""

    items: "tuple[Expression, ...]"
    offset: int


@dataclass(frozen=True, slots=True)
class StructOf:
    """`{'a': b}`."""

    pairs: "tuple[tuple[Expression, Expression], ...]"
    offset: int


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


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments; words between them (`LEADING`, `YEAR`) are literals."""

    function: str
    arguments: "tuple[Expression, ...]"
    offset: int


@dataclass(frozen=True, slots=True)
class Cast:
    """`CAST(a AS type)`; `type_name` is a key of `casts.CASTS`."""

    operand: "Expression"
    type_name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query in parentheses: a bag of its rows. `query` is a `query_syntax.Select`."""

    query: Any
    offset: int


@dataclass(frozen=True, slots=True)
class Bound:
    """What an expression of GROUP BY becomes elsewhere: the value in this slot."""

    slot: int


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
    | Call
    | Cast
    | Subquery
    | Bound
)
