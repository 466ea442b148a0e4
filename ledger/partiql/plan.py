"""FROM and WHERE as one loop: members in order, each conjunct checked as soon as all that it reads is bound."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.partiql.compiler import compiled_truth
from ledger.partiql.history import HistoryMember
from ledger.partiql.predicate_syntax import Junction
from ledger.partiql.query_syntax import History, Source
from ledger.partiql.scope import TABLES_SLOT, Environment, Evaluate, Scope
from ledger.partiql.sources import COMMITTED_PREFIX, CatalogMember, Member, TableMember, ValueMember
from ledger.partiql.syntax import Expression, Path, Variable

_ROWS_PER_CHECK = 256


class _Level(NamedTuple):
    member: Member
    conditions: list[Evaluate]


class Loop:
    """The rows that FROM ranges over and WHERE lets through."""

    def __init__(self, members: Sequence[Member], conditions: Sequence[Expression], scope: Scope) -> None:
        self._levels = [_Level(member, []) for member in members]
        conjuncts = _conjuncts(conditions)
        for conjunct in conjuncts:
            self._levels[self._level_of(conjunct, scope)].conditions.append(compiled_truth(conjunct, scope))
        bound: frozenset[int] = frozenset()
        for member in members:
            member.plan(conjuncts, bound)
            bound |= member.slots

    def _level_of(self, conjunct: Expression, scope: Scope) -> int:
        needed = scope.needs(conjunct)
        reading = [index for index, level in enumerate(self._levels) if needed & level.member.slots]
        return max(reading, default=0)

    def prepare(self, env: Environment) -> None:
        """Check that all tables are there; raises PartiQLError."""
        for level in self._levels:
            level.member.prepare(env)

    def run(self, env: Environment, depth: int = 0) -> Iterator[None]:
        """Bind the environment to one row after the other. Prepare it first."""
        member, conditions = self._levels[depth]
        innermost = depth == len(self._levels) - 1
        for ordinal, _ in enumerate(member.rows(env)):
            if not ordinal % _ROWS_PER_CHECK:
                env[TABLES_SLOT].check_time()
            if member.at is not None:
                env[member.at] = ordinal
            for condition in conditions:
                if condition(env) is not True:
                    break
            else:
                if innermost:
                    yield
                else:
                    yield from self.run(env, depth + 1)


def _conjuncts(conditions: Sequence[Expression]) -> list[Expression]:
    found: list[Expression] = []
    waiting = list(reversed(conditions))
    while waiting:
        condition = waiting.pop()
        if isinstance(condition, Junction) and condition.operator == "AND":
            waiting.extend(reversed(condition.operands))
        else:
            found.append(condition)
    return found


def members(sources: Sequence[Source], scope: Scope) -> list[Member]:
    """Return the members of FROM; their names enter the scope in order, so that each can read those before it.

    Only the outermost query can name tables (QLDB guide, "SELECT").
    """
    return [_entered(_member(source, scope), source, scope) for source in sources]


def _member(source: Source, scope: Scope) -> Member:
    origin = source.origin
    root = origin.root if isinstance(origin, Path) else origin
    if not isinstance(origin, History) and not (isinstance(root, Variable) and _may_be_table(root, scope)):
        return ValueMember(scope, origin)
    if scope.parent is not None:
        raise scope.unsupported(source.offset, "a query within a query ranges over values, not over tables")
    if isinstance(origin, History):
        return HistoryMember(scope, origin, source.offset)
    if isinstance(origin, Variable):
        return table_member(origin, scope)
    if origin == Path(Variable("information_schema", source.offset), ("user_tables",), source.offset):
        return CatalogMember(scope)
    raise scope.unsupported(source.offset, "FROM takes a table, or a path that starts at an alias before it")


def _may_be_table(root: Variable, scope: Scope) -> bool:
    return not root.local and scope.slot_of(root.name) is None


def table_member(name: Variable, scope: Scope) -> TableMember:
    """Return the member that a table's name or that of its committed view stands for."""
    if name.name.startswith(COMMITTED_PREFIX):
        return TableMember(scope, name.name.removeprefix(COMMITTED_PREFIX), name, committed=True)
    return TableMember(scope, name.name, name)


def _entered(member: Member, source: Source, scope: Scope) -> Member:
    scope.sources.append(member.value)
    scope.bind(source.alias, member.value, source.offset)
    if source.at is not None:
        member.at = scope.take()
        scope.bind(source.at, member.at, source.offset)
    if source.by is not None:
        if not member.has_documents:
            raise scope.unsupported(source.offset, "only documents of a table have an id for BY")
        member.by = scope.take()
        scope.bind(source.by, member.by, source.offset)
    return member
