"""Where in a document the value is that a name or path stands for, so that it can be changed there."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ledger.partiql.compiler import compiled
from ledger.partiql.scope import Environment, Evaluate, Scope
from ledger.partiql.sources import Member, ValueMember
from ledger.partiql.syntax import Literal, Path, Variable, Wildcard

Place: TypeAlias = Callable[[Environment], tuple[Any, ...]]
"""The steps from the document to a value, for the row that is bound."""


class Places:
    """The places of the members of FROM: the document itself, and elements of its nested collections."""

    def __init__(self, members: Sequence[Member], scope: Scope) -> None:
        self._scope = scope
        self._by_slot: dict[int, Place] = {members[0].value: lambda _env: ()}
        for member in members[1:]:
            if member.at is None:
                member.at = scope.take()
            origin = member.origin if isinstance(member, ValueMember) else None
            within = self._within(origin) if isinstance(origin, Path | Variable) else None
            if within is not None:
                self._by_slot[member.value] = _element(within, member.document, member.at)

    def of(self, target: Path | Variable) -> Place:
        """Return the place of the target of an operation.

        Raises:
            PartiQLError: it is not in the document.
        """
        found = self._within(target)
        if found is None:
            raise self._scope.semantic(target.offset, "this needs a path into the document")
        return found

    def _within(self, target: Path | Variable) -> Place | None:
        slot, steps = self._scope.located(target) or (None, ())
        base = None if slot is None else self._by_slot.get(slot)
        if base is None or any(isinstance(step, Wildcard) for step in steps):
            return None
        keys = [compiled(Literal(step) if isinstance(step, str) else step, self._scope) for step in steps]
        return _path(base, keys)


def _path(base: Place, keys: Sequence[Evaluate]) -> Place:
    return lambda env: (*base(env), *(key(env) for key in keys))


def _element(collection: Place, is_sequence: int, ordinal: int) -> Place:
    return lambda env: (*collection(env), env[ordinal]) if env[is_sequence] else collection(env)
