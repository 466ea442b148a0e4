"""SELECT: projections over the rows of FROM and WHERE."""

from collections.abc import Callable, Iterator
from typing import Any

from ledger import ion
from ledger.partiql.arrangement import arranged, order_keys
from ledger.partiql.compiler import compiled, compiled_truth
from ledger.partiql.grouping import Grouping
from ledger.partiql.plan import Loop, members
from ledger.partiql.query_syntax import Projection, Select
from ledger.partiql.scope import Environment, Evaluate, Scope, located
from ledger.partiql.sources import Member
from ledger.partiql.syntax import Path, Wildcard
from ledger.partiql.values import MISSING, UNKNOWN_TYPES, settled, struct
from ledger.partiql.weight import weighed

_FEW_COLUMNS = 40


def select(statement: Select, scope: Scope) -> Callable[[Environment], Iterator[Any]]:
    """Return the query as a function of the environment, giving its rows lazily."""
    found = members(statement.sources, scope)
    loop = Loop(found, statement.conditions, scope)
    grouping = Grouping(statement, scope)
    project = _star(statement, found, scope) if statement.projections is None else _projection(grouping, scope)
    having = statement.arrangement.having
    passes = None if having is None else compiled_truth(grouping.over_groups(having), scope)
    keys = order_keys(statement, grouping.over_groups, scope)
    bindings = grouping.finished(loop.run)

    def rows(env: Environment) -> Iterator[Any]:
        for _ in bindings(env):
            if passes is not None and passes(env) is not True:
                continue
            row = project(env)
            if row is not MISSING:
                yield row

    run_rows = arranged(rows, keys, statement.arrangement, scope)

    def run(env: Environment) -> Iterator[Any]:
        loop.prepare(env)
        return run_rows(env)

    return run


def _projection(grouping: Grouping, scope: Scope) -> Evaluate:
    projections = grouping.projections()
    if grouping.statement.bare:
        value = compiled(projections[0].value, scope)
        return lambda env: MISSING if (found := value(env)) is MISSING else settled(found)
    if any(_is_star(column) for column in projections):
        return _spread(projections, scope)
    columns = [(_name(column, index), compiled(column.value, scope)) for index, column in enumerate(projections)]

    def project(env: Environment) -> Any:
        return struct([(name, value(env)) for name, value in columns])

    if len(columns) <= _FEW_COLUMNS:
        return project
    return located(lambda env: weighed(project(env)), scope, grouping.statement.offset)


def _is_star(column: Projection) -> bool:
    return isinstance(column.value, Path) and column.value.steps[-1] == Wildcard(of_fields=True)


def _spread(projections: tuple[Projection, ...], scope: Scope) -> Evaluate:
    """Return the row of a select list with `p.*` in it: all fields of p in its place."""
    columns: list[tuple[str | None, str, Evaluate]] = []
    for index, column in enumerate(projections):
        name, path = _name(column, index), column.value
        if not _is_star(column) or not isinstance(path, Path):
            columns.append((name, name, compiled(path, scope)))
            continue
        if column.name is not None:
            raise scope.unsupported(path.offset, "all fields of a value cannot have one name")
        of = Path(path.root, path.steps[:-1], path.offset) if len(path.steps) > 1 else path.root
        columns.append((None, name, compiled(of, scope)))

    def project(env: Environment) -> Any:
        pairs: list[tuple[str, Any]] = []
        for name, position, value in columns:
            found = value(env)
            pairs.extend(_fields(found, position) if name is None else ((name, found),))
        return weighed(struct(pairs))

    return located(project, scope, 0)


def _fields(value: Any, position: str) -> Iterator[tuple[str, Any]] | tuple[tuple[str, Any]]:
    return ion.fields(value) if _is_struct(value) else ((position, value),)


def _name(column: Projection, index: int) -> str:
    return column.name or f"_{index + 1}"


def _star(statement: Select, found: list[Member], scope: Scope) -> Evaluate:
    scope.program.read.update(member.value for member in found)
    if len(found) == 1 and found[0].at is None and found[0].by is None:
        slot = found[0].value
        return lambda env: value if _is_struct(value := env[slot]) else struct([("_1", value)])
    bindings = list(zip(statement.sources, found, strict=True))

    def project(env: Environment) -> Any:
        pairs: list[tuple[str, Any]] = []
        for index, (source, member) in enumerate(bindings):
            pairs.extend(_fields(env[member.value], f"_{index + 1}"))
            pairs.extend(
                (name, env[slot]) for name, slot in ((source.at, member.at), (source.by, member.by)) if name and slot
            )
        return struct(pairs)

    return project


def _is_struct(value: Any) -> bool:
    return type(value) not in UNKNOWN_TYPES and not isinstance(value, list) and ion.type_of(value) is ion.IonType.STRUCT
