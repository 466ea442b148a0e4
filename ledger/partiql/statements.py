"""The abstract syntax of whole statements."""

from dataclasses import dataclass
from typing import TypeAlias

from ledger.partiql.syntax import Expression, Path, Variable


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a table, index or field where no expression may stand."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class History:
    """`history(table [, start [, end]])` in FROM."""

    table: Name
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
class Select:
    """A query. `projections` is None for `*`; of SELECT VALUE, it has one member and `bare` is true."""

    projections: tuple[Projection, ...] | None
    bare: bool
    sources: tuple[Source, ...]
    conditions: tuple[Expression, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE name."""

    table: Name


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE INDEX ON table (field)."""

    table: Name
    field: Name


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT INTO table; with VALUE (`single`) one document, else a struct or a collection of them."""

    table: Name
    value: Expression
    single: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """`SET target = value`."""

    target: Path | Variable
    value: Expression


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE table SET ... [WHERE ...]."""

    source: Source
    assignments: tuple[Assignment, ...]
    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE FROM table [WHERE ...]."""

    source: Source
    conditions: tuple[Expression, ...]


StatementSyntax: TypeAlias = Select | CreateTable | CreateIndex | Insert | Update | Delete
