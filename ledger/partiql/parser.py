"""Whole statements, by recursive descent."""

from collections.abc import Callable
from typing import Any, ClassVar

from ledger.partiql.expressions import ExpressionParser
from ledger.partiql.statements import (
    Assignment,
    CreateIndex,
    CreateTable,
    Delete,
    History,
    Insert,
    Name,
    Projection,
    Select,
    Source,
    StatementSyntax,
    Update,
)
from ledger.partiql.syntax import Expression, Path, Variable
from ledger.partiql.tree import MAX_DEPTH, too_deep_at

MAX_SOURCES = 20
"""How many sources FROM may list: a nested loop of more would never end anyway."""


class StatementParser(ExpressionParser):
    """Reads one statement."""

    def statement(self) -> StatementSyntax:
        """Read the statement, to the end of the text."""
        reader = self._STATEMENTS.get(self.token.kind)
        if reader is None:
            self.fail("expected a statement")
        self.advance()
        found = reader(self)
        self.accept(";")
        if self.token.kind != "end":
            self.fail("expected the end of the statement")
        too_deep = too_deep_at(found)
        if too_deep is not None:
            raise self.error(f"expressions nest more than {MAX_DEPTH} deep", too_deep)
        return found

    def _create(self) -> StatementSyntax:
        if self.accept("TABLE"):
            return CreateTable(self._table_name())
        self.expect("INDEX")
        self.expect("ON")
        table = self._table_name()
        self.expect("(")
        field = self._table_name()
        self.expect(")")
        return CreateIndex(table, field)

    def _insert(self) -> StatementSyntax:
        self.expect("INTO")
        table = self._table_name()
        single = self.accept("VALUE") is not None
        offset = self.token.offset
        return Insert(table, self.expression(), single, offset)

    def _update(self) -> StatementSyntax:
        source = self._target()
        self.expect("SET")
        assignments = [self._assignment()]
        while self.accept(","):
            assignments.append(self._assignment())
        return Update(source, tuple(assignments), self._where())

    def _delete(self) -> StatementSyntax:
        self.expect("FROM")
        source = self._target()
        return Delete(source, self._where())

    def _target(self) -> Source:
        name = self._table_name()
        alias = self._alias()
        by = self._bound_by("BY")
        return Source(Variable(name.text, name.offset), alias or name.text, None, by, name.offset)

    def _assignment(self) -> Assignment:
        start = self.token
        target = self.operand()
        if not isinstance(target, Variable) and not (isinstance(target, Path) and isinstance(target.root, Variable)):
            raise self.error("expected a path to set", start.offset)
        self.expect("=")
        return Assignment(target, self.expression())

    def _select(self) -> StatementSyntax:
        offset = self.token.offset
        bare = self.accept("VALUE") is not None
        projections = None if not bare and self.accept("*") else self._projections(bare)
        self.expect("FROM")
        sources = [self._source()]
        conditions: list[Expression] = []
        while self._another_source():
            joined = self.previous.kind == "JOIN"
            sources.append(self._source())
            if joined:
                self.expect("ON")
                conditions.append(self.expression())
            if len(sources) > MAX_SOURCES:
                self.fail(f"FROM lists more than {MAX_SOURCES} sources")
        return Select(projections, bare, tuple(sources), (*conditions, *self._where()), offset)

    def _another_source(self) -> bool:
        if self.accept("INNER"):
            self.expect("JOIN")
            return True
        return self.accept(",") is not None or self.accept("JOIN") is not None

    def _projections(self, bare: bool) -> tuple[Projection, ...]:
        if bare:
            return (Projection(self.expression(), None),)
        projections = [self._projection()]
        while self.accept(","):
            projections.append(self._projection())
        return tuple(projections)

    def _projection(self) -> Projection:
        value = self.expression()
        return Projection(value, self._alias() or _derived_name(value))

    def _source(self) -> Source:
        offset = self.token.offset
        origin = self._history() if self._at_history() else self.operand()
        alias = self._alias() or (None if isinstance(origin, History) else _derived_name(origin))
        at = self._bound_by("AT")
        by = self._bound_by("BY")
        return Source(origin, alias, at, by, offset)

    def _at_history(self) -> bool:
        name = self.token
        return name.kind == "name" and name.value.lower() == "history" and self.following().kind == "("

    def _history(self) -> History:
        self.advance()
        self.expect("(")
        table = self._table_name()
        start = self.expression() if self.accept(",") else None
        end = self.expression() if start is not None and self.accept(",") else None
        self.expect(")")
        return History(table, start, end)

    def _where(self) -> tuple[Expression, ...]:
        return (self.expression(),) if self.accept("WHERE") else ()

    def _alias(self) -> str | None:
        if self.accept("AS") or self.token.kind in {"name", "quoted"}:
            return str(self.expect_name().value)
        return None

    def _bound_by(self, keyword: str) -> str | None:
        return str(self.expect_name().value) if self.accept(keyword) else None

    def _table_name(self) -> Name:
        token = self.expect_name()
        return Name(token.value, token.offset)

    _STATEMENTS: ClassVar[dict[str, Callable[[Any], StatementSyntax]]] = {
        "CREATE": _create,
        "INSERT": _insert,
        "UPDATE": _update,
        "DELETE": _delete,
        "SELECT": _select,
    }


def _derived_name(value: Expression) -> str | None:
    if isinstance(value, Variable):
        return value.name
    if isinstance(value, Path) and isinstance(value.steps[-1], str):
        return value.steps[-1]
    return None
