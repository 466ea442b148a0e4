"""The abstract syntax of queries."""

from dataclasses import dataclass

from ledger.partiql.syntax import Expression


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a table, index or field where no expression may stand."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class History:
    """`history(table [, start [, end]])` in FROM; with `by_id`, the table is named by its id, active or not."""

    table: Name
    by_id: bool
    start: Expression | None
    end: Expression | None


@dataclass(frozen=True, slots=True)
class Source:
    """One member of FROM. `origin` is a table's name, a path, history() or any expression."""

    origin: Expression | History
    alias: str | None
    at: str | None
    by: str | None
    offset: int


@dataclass(frozen=True, slots=True)
class Projection:
    """One member of the select list; `name` is the given or derived name, None where `_n` stands in."""

    value: Expression
    name: str | None


@dataclass(frozen=True, slots=True)
class GroupKey:
    """One member of GROUP BY (an extension); `name` is the given or derived name."""

    value: Expression
    name: str | None
    offset: int


@dataclass(frozen=True, slots=True)
class SortKey:
    """One member of ORDER BY (an extension); unknown values come last if `nulls_last`, else first."""

    value: Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What the extensions add to a query: GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET."""

    groups: tuple[GroupKey, ...] = ()
    having: Expression | None = None
    order: tuple[SortKey, ...] = ()
    limit: Expression | None = None
    skip: Expression | None = None


@dataclass(frozen=True, slots=True)
class Select:
    """A query. `projections` is None for `*`; of SELECT VALUE, it has one member and `bare` is true."""

    projections: tuple[Projection, ...] | None
    bare: bool
    sources: tuple[Source, ...]
    conditions: tuple[Expression, ...]
    arrangement: Arrangement
    offset: int
