"""Which versions a query of history() can want: what WHERE says of metadata.version, before anything is read."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ledger.comparison import compare
from ledger.partiql.compiler import compiled
from ledger.partiql.predicate_syntax import Between, Comparison, In
from ledger.partiql.scope import Environment, Evaluate, Scope
from ledger.partiql.syntax import Expression
from ledger.partiql.values import UNKNOWN_TYPES, is_sequence

Versions: TypeAlias = Sequence[int]
Wanted: TypeAlias = Callable[[Environment], Versions]

ALL: Versions = range(2**62)
_NONE: Versions = range(0)
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


def wanted_versions(
    conjuncts: Sequence[Expression], is_version: Callable[[Expression], bool], scope: Scope, bound: frozenset[int]
) -> Wanted | None:
    """Return what gives the versions, ascending, that can satisfy the conjuncts; None if they say nothing of them.

    The conjuncts are checked again on what is read, so this may give too much, never too little.
    """

    def known(*others: Expression) -> bool:
        return all(scope.needs(other) <= bound for other in others)

    found: list[Wanted] = []
    for conjunct in conjuncts:
        if isinstance(conjunct, Comparison) and conjunct.operator in _MIRRORED:
            if is_version(conjunct.left) and known(conjunct.right):
                found.append(_compared(conjunct.operator, compiled(conjunct.right, scope)))
            elif is_version(conjunct.right) and known(conjunct.left):
                found.append(_compared(_MIRRORED[conjunct.operator], compiled(conjunct.left, scope)))
        elif isinstance(conjunct, In) and is_version(conjunct.operand) and known(conjunct.collection):
            found.append(_listed(compiled(conjunct.collection, scope)))
        elif isinstance(conjunct, Between) and is_version(conjunct.operand) and known(conjunct.low, conjunct.high):
            found += (_compared(">=", compiled(conjunct.low, scope)), _compared("<=", compiled(conjunct.high, scope)))
    return (lambda env: _common([wanted(env) for wanted in found])) if found else None


def _compared(operator: str, evaluate: Evaluate) -> Wanted:
    def wanted(env: Environment) -> Versions:
        value = evaluate(env)
        floor = _floor(value)
        if floor is None:
            return _NONE
        whole = compare(value, floor) == 0
        first, stop = {
            "=": (floor if whole else 0, floor + 1 if whole else 0),
            "<": (0, floor if whole else floor + 1),
            "<=": (0, floor + 1),
            ">": (floor + 1, ALL[-1]),
            ">=": (floor if whole else floor + 1, ALL[-1]),
        }[operator]
        return range(max(first, 0), max(stop, 0))

    return wanted


def _floor(value: Any) -> int | None:
    """Return the greatest integer that is not above a number, as far as versions go; None of anything else."""
    if type(value) in UNKNOWN_TYPES or compare(value, 0) is None:
        return None
    if (compare(value, -1) or 0) <= 0:
        return -1
    return int(value // 1) if (compare(value, ALL[-1]) or 0) < 0 else ALL[-1]


def _listed(evaluate: Evaluate) -> Wanted:
    def wanted(env: Environment) -> Versions:
        items = evaluate(env)
        if not is_sequence(items):
            return ALL
        floors = ((item, _floor(item)) for item in items)
        return sorted({floor for item, floor in floors if floor is not None and compare(item, floor) == 0})

    return wanted


def _common(each: Sequence[Versions]) -> Versions:
    ranges = [versions for versions in each if isinstance(versions, range)]
    first = max((versions.start for versions in ranges), default=0)
    stop = min((versions.stop for versions in ranges), default=ALL[-1])
    lists = [versions for versions in each if not isinstance(versions, range)]
    if not lists:
        return range(first, max(first, stop))
    others = [set(versions) for versions in lists[1:]]
    return [version for version in lists[0] if first <= version < stop and all(version in other for other in others)]
