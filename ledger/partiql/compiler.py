"""Expressions to closures over the environment."""

from collections.abc import Callable
from typing import Any

from ledger import ion
from ledger.comparison import Bag, equal
from ledger.partiql import paths
from ledger.partiql.like import like
from ledger.partiql.operators import (
    ORDERINGS,
    OperandError,
    arithmetic,
    concatenated,
    negated,
    number,
    required_text,
    truth,
)
from ledger.partiql.scope import Environment, Evaluate, Scope, parameter_slot
from ledger.partiql.syntax import (
    Aggregate,
    BagOf,
    Between,
    Chain,
    Comparison,
    Expression,
    In,
    Is,
    Junction,
    Like,
    ListOf,
    Literal,
    Not,
    Parameter,
    Path,
    Sign,
    StructOf,
    Variable,
)
from ledger.partiql.types import TYPE_TESTS
from ledger.partiql.values import MISSING, UNKNOWN_TYPES, is_sequence, settled


def compiled(expression: Expression, scope: Scope) -> Evaluate:
    """Return a closure that gives the value of an expression: an Ion value, a Bag or MISSING.

    Operators on NULL or MISSING give NULL, comparisons that have no answer too.

    Raises:
        PartiQLError: the expression cannot stand here. The closure raises it for values that do not fit.
    """
    return _COMPILERS[type(expression)](expression, scope)


def compiled_truth(expression: Expression, scope: Scope) -> Evaluate:
    """Like `compiled`, but the closure gives only True, False or None (unknown)."""
    evaluate = compiled(expression, scope)
    if isinstance(expression, _ALWAYS_TRUTH):
        return evaluate
    offset = expression.offset if isinstance(expression, Variable | Path | Chain | Sign | Aggregate) else 0
    return located(lambda env: truth(evaluate(env)), scope, offset)


def located(evaluate: Evaluate, scope: Scope, offset: int) -> Evaluate:
    """Return the closure with operand errors turned into errors with line and column."""

    def guarded(env: Environment) -> Any:
        try:
            return evaluate(env)
        except OperandError as error:
            raise scope.semantic(offset, str(error)) from None

    return guarded


def _literal(expression: Literal, _scope: Scope) -> Evaluate:
    value = expression.value
    return lambda _env: value


def _parameter(expression: Parameter, _scope: Scope) -> Evaluate:
    return paths.slot(parameter_slot(expression.index))


def _variable(expression: Variable, scope: Scope) -> Evaluate:
    return _walked(expression, scope, ())


def _path(expression: Path, scope: Scope) -> Evaluate:
    return _walked(expression.root, scope, expression.steps)


def _walked(root: Expression, scope: Scope, steps: tuple[Any, ...]) -> Evaluate:
    evaluate, left = _rooted(root, scope, steps)
    for step in left:
        evaluate = (
            paths.field(evaluate, step) if isinstance(step, str) else paths.element(evaluate, compiled(step, scope))
        )
    return evaluate


def _rooted(root: Expression, scope: Scope, steps: tuple[Any, ...]) -> tuple[Evaluate, tuple[Any, ...]]:
    if not isinstance(root, Variable):
        return compiled(root, scope), steps
    place = scope.located(Path(root, steps, root.offset))
    if place is None:
        return paths.field_of_any(tuple(scope.sources), root.name), steps
    slot, rest = place
    if rest and isinstance(rest[0], str):
        return paths.field_of_slot(slot, rest[0]), rest[1:]
    return paths.slot(slot), rest


def _list(expression: ListOf, scope: Scope) -> Evaluate:
    items = [compiled(item, scope) for item in expression.items]
    return lambda env: [settled(item(env)) for item in items]


def _bag(expression: BagOf, scope: Scope) -> Evaluate:
    items = [compiled(item, scope) for item in expression.items]
    return lambda env: Bag(settled(item(env)) for item in items)


def _struct(expression: StructOf, scope: Scope) -> Evaluate:
    pairs = [(compiled(name, scope), compiled(value, scope)) for name, value in expression.pairs]

    def evaluate(env: Environment) -> Any:
        return struct([(required_text(name(env)), value(env)) for name, value in pairs])

    return located(evaluate, scope, expression.offset)


def struct(pairs: list[tuple[str, Any]]) -> Any:
    """Return a struct of these fields without the missing ones: a dict unless a name repeats."""
    kept = [(name, settled(value)) for name, value in pairs if value is not MISSING]
    found = dict(kept)
    return found if len(found) == len(kept) else ion.struct(kept)


def _junction(expression: Junction, scope: Scope) -> Evaluate:
    operands = [compiled_truth(operand, scope) for operand in expression.operands]
    decisive = expression.operator == "OR"

    def evaluate(env: Environment) -> Any:
        result: Any = not decisive
        for operand in operands:
            value = operand(env)
            if value is decisive:
                return decisive
            if value is None:
                result = None
        return result

    return evaluate


def _not(expression: Not, scope: Scope) -> Evaluate:
    operand = compiled_truth(expression.operand, scope)

    def evaluate(env: Environment) -> Any:
        value = operand(env)
        return None if value is None else not value

    return evaluate


def _comparison(expression: Comparison, scope: Scope) -> Evaluate:
    left, right = compiled(expression.left, scope), compiled(expression.right, scope)
    if expression.operator == "=":
        return _known(left, right, equal)
    if expression.operator == "<>":
        return _known(left, right, lambda a, b: not equal(a, b))
    return _known(left, right, ORDERINGS[expression.operator])


def _known(left: Evaluate, right: Evaluate, operator: Callable[[Any, Any], Any]) -> Evaluate:
    def evaluate(env: Environment) -> Any:
        a, b = left(env), right(env)
        if type(a) in UNKNOWN_TYPES or type(b) in UNKNOWN_TYPES:
            return None
        return operator(a, b)

    return evaluate


def _in(expression: In, scope: Scope) -> Evaluate:
    operand, collection = compiled(expression.operand, scope), compiled(expression.collection, scope)

    def evaluate(env: Environment) -> bool | None:
        value, items = operand(env), collection(env)
        if type(value) in UNKNOWN_TYPES or type(items) in UNKNOWN_TYPES:
            return None
        if not is_sequence(items):
            raise OperandError("IN needs a list or a bag on its right")
        known = [item for item in items if type(item) not in UNKNOWN_TYPES]
        if any(equal(value, item) for item in known):
            return True
        return False if len(known) == len(items) else None

    return located(evaluate, scope, expression.offset)


def _between(expression: Between, scope: Scope) -> Evaluate:
    operand = compiled(expression.operand, scope)
    low, high = compiled(expression.low, scope), compiled(expression.high, scope)

    def evaluate(env: Environment) -> bool | None:
        value = operand(env)
        bounds = (_ordered(low(env), value), _ordered(value, high(env)))
        return False if False in bounds else None if None in bounds else True

    return evaluate


def _ordered(lesser: Any, greater: Any) -> bool | None:
    if type(lesser) in UNKNOWN_TYPES or type(greater) in UNKNOWN_TYPES:
        return None
    return ORDERINGS["<="](lesser, greater)


def _like(expression: Like, scope: Scope) -> Evaluate:
    parts = [compiled(part, scope) for part in (expression.operand, expression.pattern)]
    escape = expression.escape and compiled(expression.escape, scope)

    def evaluate(env: Environment) -> bool | None:
        values = [part(env) for part in (*parts, *((escape,) if escape else ()))]
        if any(type(value) in UNKNOWN_TYPES for value in values):
            return None
        value, pattern, *escapes = map(required_text, values)
        return like(value, pattern, escapes[0] if escapes else None)

    return located(evaluate, scope, expression.offset)


def _is(expression: Is, scope: Scope) -> Evaluate:
    operand, test = compiled(expression.operand, scope), TYPE_TESTS[expression.type_name]
    return lambda env: test(operand(env))


def _chain(expression: Chain, scope: Scope) -> Evaluate:
    evaluate = compiled(expression.first, scope)
    links = []
    for operator, operand, offset in expression.rest:
        links.append((_operation(operator), compiled(operand, scope), offset))

    def chained(env: Environment) -> Any:
        result = evaluate(env)
        for operation, operand, offset in links:
            value = operand(env)
            if type(result) in UNKNOWN_TYPES or type(value) in UNKNOWN_TYPES:
                result = None
                continue
            try:
                result = operation(result, value)
            except OperandError as error:
                raise scope.semantic(offset, str(error)) from None
        return result

    return chained


def _operation(operator: str) -> Callable[[Any, Any], Any]:
    return concatenated if operator == "||" else lambda left, right: arithmetic(operator, left, right)


def _sign(expression: Sign, scope: Scope) -> Evaluate:
    operand = compiled(expression.operand, scope)
    negative = expression.operator == "-"

    def evaluate(env: Environment) -> Any:
        value = operand(env)
        if type(value) in UNKNOWN_TYPES:
            return None
        return negated(value) if negative else number(value)

    return located(evaluate, scope, expression.offset)


def _aggregate(expression: Aggregate, scope: Scope) -> Evaluate:
    if scope.aggregates is None:
        raise scope.unsupported(expression.offset, f"{expression.function} may stand only in the select list")
    slot = scope.take()
    scope.aggregates[slot] = expression
    return paths.slot(slot)


_ALWAYS_TRUTH = (Junction, Not, Comparison, In, Between, Like, Is)
_COMPILERS: dict[type, Callable[[Any, Scope], Evaluate]] = {
    Literal: _literal,
    Parameter: _parameter,
    Variable: _variable,
    Path: _path,
    ListOf: _list,
    BagOf: _bag,
    StructOf: _struct,
    Junction: _junction,
    Not: _not,
    Comparison: _comparison,
    In: _in,
    Between: _between,
    Like: _like,
    Is: _is,
    Chain: _chain,
    Sign: _sign,
    Aggregate: _aggregate,
}
