"""The members of FROM: tables, their committed views and histories, the catalog, and values to unnest."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ledger.partiql.access import DOCUMENT_ID, Key, committed_key, documents, keys
from ledger.partiql.compiler import compiled
from ledger.partiql.scope import TABLES_SLOT, Environment, Scope
from ledger.partiql.syntax import Expression, Variable
from ledger.partiql.tables import Table
from ledger.partiql.values import MISSING, is_sequence

COMMITTED_PREFIX = "_ql_committed_"

NOWHERE = -1
"""No slot."""

COMMITTED_PREFIX = "_ql_committed_"


class Member(ABC):
    """One member of FROM.

    Attributes:
        value: the slot for the row's value.
        document: the slot for the row's Document or Revision, if it has one.
        at: the slot for the row's ordinal, if AT asks for it.
        by: the slot for the document's id, if BY asks for it.
    """

    has_documents = True

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.value = scope.take()
        self.document = scope.take()
        self.at: int | None = None
        self.by: int | None = None

    @property
    def slots(self) -> frozenset[int]:
        """The slots that expressions can read of this member."""
        return frozenset(slot for slot in (self.value, self.at, self.by) if slot is not None)

    def plan(self, conjuncts: Sequence[Expression], bound: frozenset[int]) -> None:  # noqa: B027 - most have no choice
        """Choose how rows are reached, given all conjuncts and the slots that earlier members bind."""

    def prepare(self, env: Environment) -> None:  # noqa: B027 - most have nothing to prepare
        """Check, before the first row, what the rows come from; raises PartiQLError for a table that is not there."""

    @abstractmethod
    def rows(self, env: Environment) -> Iterable[None]:
        """Bind the slots to one row after the other, for what earlier members have bound."""


class TableMember(Member):
    """The current documents of a table, or its committed view."""

    def __init__(self, scope: Scope, name: str, shown: Variable, *, committed: bool = False) -> None:
        super().__init__(scope)
        self._table = scope.take()
        self._name, self._shown, self.committed = name, shown, committed
        self._keys: list[Key] = []

    def plan(self, conjuncts: Sequence[Expression], bound: frozenset[int]) -> None:
        """Find the conjuncts that an index can answer."""
        self._keys = keys(conjuncts, self._key_of, self.scope, bound)

    def _key_of(self, expression: Expression) -> Any:
        slot, steps = self.scope.located(expression) or (NOWHERE, ())
        if slot == self.by and not steps:
            return DOCUMENT_ID
        if slot != self.value:
            return None
        if self.committed:
            return committed_key(steps)
        return steps[0] if len(steps) == 1 and isinstance(steps[0], str) else None

    def prepare(self, env: Environment) -> None:
        """Find the table."""
        env[self._table] = existing_table(self.scope, env, self._name, self._shown.offset, self._shown.name)

    def table(self, env: Environment) -> Table:
        """Return the table, once prepared."""
        table: Table = env[self._table]
        return table

    def rows(self, env: Environment) -> Iterator[None]:
        """Return the documents, through an index where one fits."""
        value, document, by, committed = self.value, self.document, self.by, self.committed
        is_read = value in self.scope.program.read
        for found in documents(env[self._table], self._keys, env):
            if is_read:
                env[value] = found.committed() if committed else found.data
            env[document] = found
            if by is not None:
                env[by] = found.document_id
            yield


class CatalogMember(Member):
    """information_schema.user_tables."""

    has_documents = False

    def rows(self, env: Environment) -> Iterator[None]:
        """Return the rows of the catalog."""
        for row in env[TABLES_SLOT].catalog():
            env[self.value] = row
            yield


class ValueMember(Member):
    """The elements of a list or bag; anything else is its own only element, MISSING has none."""

    has_documents = False

    def __init__(self, scope: Scope, origin: Expression) -> None:
        self._evaluate = compiled(origin, scope)
        self.origin = origin
        super().__init__(scope)

    def rows(self, env: Environment) -> Iterator[None]:
        """Return the elements, for what earlier members have bound; the slot `document` tells if there may be many."""
        value = self._evaluate(env)
        env[self.document] = is_sequence(value)
        for element in value if is_sequence(value) else () if value is MISSING else (value,):
            env[self.value] = element
            yield


def existing_table(scope: Scope, env: Environment, name: str, offset: int, shown: str | None = None) -> Table:
    """Return the active table of this name; raises QLDB's 432 if there is none."""
    table: Table | None = env[TABLES_SLOT].table(name)
    if table is None:
        raise scope.no_such_variable(offset, shown or name)
    return table
