"""Which slot of the environment a name stands for.

A compiled statement runs over one list, the environment: slot 0 holds the Tables, the next ones the parameters, then
come the slots that sources and aggregates take.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ledger.partiql.errors import PartiQLError, no_such_variable, semantic, unsupported
from ledger.partiql.operators import OperandError
from ledger.partiql.syntax import Aggregate, Expression, Path, Subquery, Variable
from ledger.partiql.tree import walk

Environment: TypeAlias = list[Any]
Evaluate: TypeAlias = Callable[[Environment], Any]
Compile: TypeAlias = "Callable[[Expression, Scope], Evaluate]"

TABLES_SLOT = 0


def parameter_slot(index: int) -> int:
    """Return the slot of the parameter with this index."""
    return index + 1


@dataclass(slots=True)
class Program:
    """What all scopes of one statement share.

    Attributes:
        text: the statement, for errors.
        next_slot: the first slot not taken yet.
        query: compiles a query; handed in, since queries are made of expressions and may be one.
        read: the slots that some expression reads.
    """

    text: str
    next_slot: int
    query: "Callable[[Any, Scope], Callable[[Environment], Iterator[Any]]]"
    read: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Scope:
    """The names that an expression may use.

    Attributes:
        parent: the scope of the query around this one, whose names can be used too.
        names: alias, AT and BY names to their slots.
        sources: the slots of the values that FROM ranges over, in order.
        aggregates: where aggregates may stand, those found, by their slots; else None.
    """

    program: Program
    parent: "Scope | None" = None
    names: dict[str, int] = field(default_factory=dict)
    sources: list[int] = field(default_factory=list)
    aggregates: dict[int, Aggregate] | None = None

    def take(self) -> int:
        """Reserve a slot."""
        self.program.next_slot += 1
        return self.program.next_slot - 1

    def bind(self, name: str | None, slot: int, offset: int) -> None:
        """Let a name stand for a slot."""
        if name is None:
            return
        if name in self.names:
            raise self.semantic(offset, f"the name '{name}' is bound twice")
        self.names[name] = slot

    def slot_of(self, name: str) -> int | None:
        """Return the slot that a name stands for, here or in a query around this one."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def located(self, expression: Expression) -> tuple[int, tuple[Any, ...]] | None:
        """Return the slot and the steps that a name or path stands for; None if only the rows can tell."""
        root, steps = (expression.root, expression.steps) if isinstance(expression, Path) else (expression, ())
        if not isinstance(root, Variable):
            return None
        slot = self.slot_of(root.name)
        if slot is not None:
            return slot, steps
        if len(self.sources) == 1 and not root.local:
            return self.sources[0], (root.name, *steps)
        return None

    def needs(self, expression: Expression) -> frozenset[int]:
        """Return the slots of FROM that must be bound before the expression can be evaluated."""
        found: set[int] = set()
        for node in walk(expression, into_queries=False):
            if isinstance(node, Subquery):
                found.update(self._outer_names(node))
            elif isinstance(node, Variable):
                place = self.located(node)
                found.update(self.sources if place is None else (place[0],))
        return frozenset(found)

    def _outer_names(self, subquery: Subquery) -> Iterator[int]:
        """Give the slots of this scope's names in a query; other names in it are its own, or fields of its sources."""
        for node in walk(subquery.query):
            if isinstance(node, Variable) and (slot := self.slot_of(node.name)) is not None:
                yield slot

    def semantic(self, offset: int, complaint: str) -> PartiQLError:
        """Return an error about what the statement means, or about the values it meets."""
        return semantic(self.program.text, offset, complaint)

    def no_such_variable(self, offset: int, name: str) -> PartiQLError:
        """Return QLDB's error for a name that stands for nothing."""
        return no_such_variable(self.program.text, offset, name)

    def unsupported(self, offset: int, reason: str) -> PartiQLError:
        """Return an error for what QLDB does not support."""
        return unsupported(self.program.text, offset, reason)


def located(evaluate: Evaluate, scope: Scope, offset: int) -> Evaluate:
    """Return the closure with operand errors turned into errors with line and column."""

    def guarded(env: Environment) -> Any:
        try:
            return evaluate(env)
        except OperandError as error:
            raise scope.semantic(offset, str(error)) from None

    return guarded
