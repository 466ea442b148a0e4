"""Queries, by recursive descent."""

from collections.abc import Callable
from typing import TypeVar

from ledger.partiql.expressions import ExpressionParser
from ledger.partiql.query_syntax import Arrangement, GroupKey, History, Name, Projection, Select, SortKey, Source
from ledger.partiql.syntax import Expression, Path, Variable

MAX_SOURCES = 20
"""How many sources FROM may list: a nested loop of more would never end anyway."""

Item = TypeVar("Item")


class QueryParser(ExpressionParser):
    """Reads queries."""

    def query(self) -> Select:
        """Read a query from behind its SELECT."""
        offset = self.previous.offset
        bare = self.accept("VALUE") is not None
        projections = None if not bare and self.accept("*") else self._projections(bare)
        self.expect("FROM")
        sources, conditions = self.sources()
        conditions = (*conditions, *self.where())
        return Select(projections, bare, sources, conditions, self._arrangement(), offset)

    def sources(self) -> tuple[tuple[Source, ...], tuple[Expression, ...]]:
        """Read the members of FROM, and the conditions of its joins."""
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
        return tuple(sources), tuple(conditions)

    def _another_source(self) -> bool:
        if self.accept("INNER"):
            self.expect("JOIN")
            return True
        return self.accept(",") is not None or self.accept("JOIN") is not None

    def _projections(self, bare: bool) -> tuple[Projection, ...]:
        if bare:
            return (Projection(self.expression(), None),)
        return self.separated(self._projection)

    def _projection(self) -> Projection:
        value = self.expression()
        return Projection(value, self.alias() or derived_name(value))

    def _source(self) -> Source:
        offset = self.token.offset
        origin = self._history() if self._at_history() else self.operand()
        alias = self.alias() or (None if isinstance(origin, History) else derived_name(origin))
        at = self.bound_by("AT")
        by = self.bound_by("BY")
        return Source(origin, alias, at, by, offset)

    def _at_history(self) -> bool:
        name = self.token
        return name.kind == "name" and name.value.lower() == "history" and self.following().kind == "("

    def _history(self) -> History:
        self.advance()
        self.expect("(")
        by_id = self.token.kind == "string"
        named = self.advance() if by_id else self.expect_name()
        start = self.expression() if self.accept(",") else None
        end = self.expression() if start is not None and self.accept(",") else None
        self.expect(")")
        return History(Name(named.value, named.offset), by_id, start, end)

    def _arrangement(self) -> Arrangement:
        if not self.extensions:
            return Arrangement()
        groups = self.separated(self._group_key) if self._accept_by("GROUP") else ()
        having = self.expression() if self.accept("HAVING") else None
        order = self.separated(self._sort_key) if self._accept_by("ORDER") else ()
        limit = self.expression() if self.accept("LIMIT") else None
        skip = self.expression() if self.accept_word("OFFSET") else None
        return Arrangement(groups, having, order, limit, skip)

    def _accept_by(self, verb: str) -> bool:
        found = self.accept(verb) is not None
        if found:
            self.expect("BY")
        return found

    def _group_key(self) -> GroupKey:
        offset = self.token.offset
        value = self.expression()
        return GroupKey(value, self.alias() or derived_name(value), offset)

    def _sort_key(self) -> SortKey:
        value = self.expression()
        descending = self.accept("DESC") is not None
        if not descending:
            self.accept("ASC")
        nulls_last = not descending
        if self.accept_word("NULLS"):
            nulls_last = self.accept("LAST") is not None
            if not nulls_last:
                self.expect("FIRST")
        return SortKey(value, descending, nulls_last)

    def where(self) -> tuple[Expression, ...]:
        """Read WHERE and its condition, if they are next."""
        return (self.expression(),) if self.accept("WHERE") else ()

    def alias(self) -> str | None:
        """Read a name, with or without AS before it, if one is next."""
        if self.accept("AS") or (self.token.kind in {"name", "quoted"} and not self._at_offset()):
            return str(self.expect_name().value)
        return None

    def _at_offset(self) -> bool:
        return self.extensions and self.token.kind == "name" and self.token.value.upper() in {"OFFSET", "NULLS"}

    def bound_by(self, keyword: str) -> str | None:
        """Read the name behind AT or BY, if that is next."""
        return str(self.expect_name().value) if self.accept(keyword) else None

    def separated(self, read: Callable[[], Item]) -> tuple[Item, ...]:
        """Read one item or more, with commas between them."""
        found = [read()]
        while self.accept(","):
            found.append(read())
        return tuple(found)


def derived_name(value: Expression) -> str | None:
    """Return the name that an expression has of itself: a variable's, or a path's last field's."""
    if isinstance(value, Variable):
        return value.name
    if isinstance(value, Path) and isinstance(value.steps[-1], str):
        return value.steps[-1]
    return None
