"""Which slot of the environment a name stands for.

A compiled statement runs over one list, the environment: slot 0 holds the Tables, the next ones the parameters, then
come the slots that sources and aggregates take.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ledger.partiql.errors import PartiQLError, semantic, unsupported
from ledger.partiql.operators import OperandError
from ledger.partiql.syntax import Aggregate, Expression, Path, Variable
from ledger.partiql.tree import walk

Environment: TypeAlias = list[Any]
Evaluate: TypeAlias = Callable[[Environment], Any]
Compile: TypeAlias = "Callable[[Expression, Scope], Evaluate]"

TABLES_SLOT = 0


def parameter_slot(index: int) -> int:
    """Return the slot of the parameter with this index."""
    return index + 1


@dataclass(slots=True)
class Scope:
    """The names that an expression may use.

    Attributes:
        text: the statement, for errors.
        next_slot: the first slot not taken yet.
        names: alias, AT and BY names to their slots.
        sources: the slots of the values that FROM ranges over, in order.
        aggregates: where aggregates may stand, those found, by their slots; else None.
    """

    text: str
    next_slot: int
    names: dict[str, int] = field(default_factory=dict)
    sources: list[int] = field(default_factory=list)
    aggregates: dict[int, Aggregate] | None = None

    def take(self) -> int:
        """Reserve a slot."""
        self.next_slot += 1
        return self.next_slot - 1

    def bind(self, name: str | None, slot: int, offset: int) -> None:
        """Let a name stand for a slot."""
        if name is None:
            return
        if name in self.names:
            raise self.semantic(offset, f"the name '{name}' is bound twice")
        self.names[name] = slot

    def located(self, expression: Expression) -> tuple[int, tuple[Any, ...]] | None:
        """Return the slot and the steps that a name or path stands for; None if only the rows can tell."""
        root, steps = (expression.root, expression.steps) if isinstance(expression, Path) else (expression, ())
        if not isinstance(root, Variable):
            return None
        if root.name in self.names:
            return self.names[root.name], steps
        if len(self.sources) == 1:
            return self.sources[0], (root.name, *steps)
        return None

    def needs(self, expression: Expression) -> frozenset[int]:
        """Return the slots of FROM that must be bound before the expression can be evaluated."""
        found: set[int] = set()
        for node in walk(expression):
            if not isinstance(node, Variable):
                continue
            place = self.located(node)
            found.update(self.sources if place is None else (place[0],))
        return frozenset(found)

    def semantic(self, offset: int, complaint: str) -> PartiQLError:
        """Return an error about what the statement means, or about the values it meets."""
        return semantic(self.text, offset, complaint)

    def unsupported(self, offset: int, reason: str) -> PartiQLError:
        """Return an error for what QLDB does not support."""
        return unsupported(self.text, offset, reason)


def located(evaluate: Evaluate, scope: Scope, offset: int) -> Evaluate:
    """Return the closure with operand errors turned into errors with line and column."""

    def guarded(env: Environment) -> Any:
        try:
            return evaluate(env)
        except OperandError as error:
            raise scope.semantic(offset, str(error)) from None

    return guarded
