"""Changed copies of documents: what SET, INSERT INTO and REMOVE make of one. Values are never changed in place."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ledger.partiql.copying import inserted, is_struct, leading_to, with_value, without
from ledger.partiql.operators import OperandError
from ledger.partiql.scope import Scope
from ledger.partiql.tables import Document
from ledger.partiql.values import UNKNOWN_TYPES, is_integer, text_of
from ledger.partiql.weight import weighed

__all__ = ["DELETED", "Edits", "Step", "insertion", "is_struct", "removal", "setting"]


DELETED: Final = object()
"""The new data of a document that is to be deleted."""


_FEW_STEPS = 40


class Step(NamedTuple):
    """One change of a document: where, and how a copy of it with the change is made.

    Attributes:
        removes: what it takes away, as something that sorts; None if it takes nothing away.
    """

    path: tuple[Any, ...]
    change: Callable[[Any], Any]
    removes: tuple[tuple[int, Any], ...] | None = None


def setting(path: tuple[Any, ...], value: Any) -> Step:
    """SET: the path leads to the value."""
    return Step(path, lambda data: with_value(data, path, value))


def insertion(path: tuple[Any, ...], key: Any, value: Any, *, keyed: bool) -> Step:
    """INSERT INTO: what the path leads to has one more element, at a position or the end, or one more field.

    A collection that is not there is made.
    """

    def change(data: Any) -> Any:
        return with_value(data, path, inserted(leading_to(data, path), key, value, keyed=keyed))

    return Step(path, change)


def removal(path: tuple[Any, ...]) -> Step:
    """REMOVE: what the path leads to is not there any more; the document itself if it is empty."""
    return Step(path, lambda data: without(data, path), tuple(map(_sortable, path)))


def _sortable(step: Any) -> tuple[int, Any]:
    if is_integer(step):
        return 0, int(step)
    text = None if type(step) in UNKNOWN_TYPES else text_of(step)
    return (2, "") if text is None else (1, text)


class Edits:
    """What a statement does to one document."""

    def __init__(self, document: Document, data: Any) -> None:
        self.document = document
        self._data = data
        self._steps: list[Step] = []

    def add(self, step: Step) -> None:
        """Add a change, of one more row that is this document's."""
        self._steps.append(step)

    def result(self, scope: Scope, offset: int, check_time: Callable[[], None]) -> Any:
        """Return the document's new data, DELETED if there is to be none.

        Elements are removed from the last to the first, each once, so that no position moves before its turn.

        Raises:
            PartiQLError: a path leads nowhere where there could be something.
        """
        steps = self._steps
        if steps[0].removes is not None:
            unique = {step.removes: step for step in steps if step.removes is not None}
            steps = [unique[removes] for removes in sorted(unique, reverse=True)]
            if not steps[-1].path:
                return DELETED
        data = self._data
        try:
            for step in steps:
                check_time()
                data = step.change(data)
            return data if len(steps) <= _FEW_STEPS else weighed(data)
        except OperandError as error:
            raise scope.semantic(offset, str(error)) from None
