"""history() as a member of FROM: all revisions of a table's documents."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from ledger import ion
from ledger.partiql.access import DOCUMENT_ID, Key, committed_key, keys
from ledger.partiql.compiler import compiled
from ledger.partiql.query_syntax import History
from ledger.partiql.scope import TABLES_SLOT, Environment, Evaluate, Scope
from ledger.partiql.sources import NOWHERE, Member, existing_table
from ledger.partiql.syntax import Expression
from ledger.partiql.values import UNKNOWN_TYPES, text_of
from ledger.partiql.versions import Wanted, wanted_versions


class HistoryMember(Member):
    """All revisions of a table's documents, each as in the committed view."""

    def __init__(self, scope: Scope, history: History, offset: int) -> None:
        super().__init__(scope)
        self._table = scope.take()
        self._history, self._offset = history, offset
        self._start, self._end = (
            compiled(bound, scope) if bound is not None else None for bound in (history.start, history.end)
        )
        self._keys: list[Key] = []
        self._versions: Wanted | None = None

    def plan(self, conjuncts: Sequence[Expression], bound: frozenset[int]) -> None:
        """Find the conjuncts that fix the document id or the version: histories have no other index."""
        found = keys(conjuncts, self._key_of, self.scope, bound)
        self._keys = [key for key in found if key.field is DOCUMENT_ID]
        self._versions = wanted_versions(conjuncts, self._is_version, self.scope, bound)

    def _key_of(self, expression: Expression) -> Any:
        slot, steps = self.scope.located(expression) or (NOWHERE, ())
        if slot == self.by and not steps:
            return DOCUMENT_ID
        return committed_key(steps) if slot == self.value else None

    def _is_version(self, expression: Expression) -> bool:
        return self.scope.located(expression) == (self.value, ("metadata", "version"))

    def prepare(self, env: Environment) -> None:
        """Find the table, by its name or its id."""
        name = self._history.table
        if self._history.by_id:
            env[self._table] = env[TABLES_SLOT].table_by_id(name.text)
            if env[self._table] is None:
                raise self.scope.no_such_variable(name.offset, name.text)
        else:
            env[self._table] = existing_table(self.scope, env, name.text, name.offset)

    def rows(self, env: Environment) -> Iterator[None]:
        """Return the revisions, of the documents that a key names or of all."""
        start, end = self._range(env)
        versions = None if self._versions is None else self._versions(env)
        for document_id in self._document_ids(env):
            for revision in env[self._table].history(document_id, start, end, versions):
                env[self.value] = revision.committed()
                env[self.document] = revision
                if self.by is not None:
                    env[self.by] = revision.document_id
                yield

    def _document_ids(self, env: Environment) -> Iterable[str | None]:
        if not self._keys:
            return (None,)
        return (found for found in map(text_of, self._keys[0].values(env)) if found is not None)

    def _range(self, env: Environment) -> tuple[datetime | None, datetime | None]:
        """Return start and end; an end that is not given is now (QLDB guide, "history function")."""
        start, end = self._instant(env, self._start), self._instant(env, self._end)
        now = env[TABLES_SLOT].statement_time
        if end is not None and end > now:
            raise self.scope.semantic(self._offset, "the end of history() lies in the future")
        if start is not None and start > (end or now):
            raise self.scope.semantic(self._offset, "the start of history() lies after its end")
        return start, end

    def _instant(self, env: Environment, evaluate: Evaluate | None) -> datetime | None:
        if evaluate is None:
            return None
        value = evaluate(env)
        if type(value) in UNKNOWN_TYPES or isinstance(value, list) or ion.type_of(value) is not ion.IonType.TIMESTAMP:
            raise self.scope.semantic(self._offset, "history() takes timestamps as start and end")
        return _aware(value)


def _aware(instant: datetime) -> datetime:
    """Return an Ion timestamp to the microsecond and with an offset; an unknown offset is UTC, as in comparisons."""
    day = datetime(instant.year, instant.month, instant.day, tzinfo=instant.tzinfo or UTC)
    return day.replace(hour=instant.hour, minute=instant.minute, second=instant.second, microsecond=instant.microsecond)
