"""Compiling what is true, false or unknown: comparisons, AND, OR and NOT, IN, BETWEEN, LIKE and IS."""

from collections.abc import Callable
from typing import Any

from ledger.comparison import equal
from ledger.partiql.like import like
from ledger.partiql.operators import ORDERINGS, OperandError, required_text, truth
from ledger.partiql.predicate_syntax import Between, Comparison, In, Is, Junction, Like, Not
from ledger.partiql.scope import Compile, Environment, Evaluate, Scope, located
from ledger.partiql.subqueries import as_column, as_scalar
from ledger.partiql.syntax import Aggregate, Call, Cast, Chain, Expression, Path, Sign, Variable
from ledger.partiql.types import TYPE_TESTS
from ledger.partiql.values import UNKNOWN_TYPES, is_sequence


def as_truth(expression: Expression, scope: Scope, compiled: Compile) -> Evaluate:
    """Return the compiled expression, giving only True, False or None (unknown)."""
    evaluate = compiled(expression, scope)
    if type(expression) in PREDICATE_COMPILERS:
        return evaluate
    offset = (
        expression.offset if isinstance(expression, Variable | Path | Chain | Sign | Aggregate | Call | Cast) else 0
    )
    return located(lambda env: truth(evaluate(env)), scope, offset)


def _junction(expression: Junction, scope: Scope, compiled: Compile) -> Evaluate:
    operands = [as_truth(operand, scope, compiled) for operand in expression.operands]
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


def _not(expression: Not, scope: Scope, compiled: Compile) -> Evaluate:
    operand = as_truth(expression.operand, scope, compiled)

    def evaluate(env: Environment) -> Any:
        value = operand(env)
        return None if value is None else not value

    return evaluate


def _comparison(expression: Comparison, scope: Scope, compiled: Compile) -> Evaluate:
    left, right = as_scalar(expression.left, scope, compiled), as_scalar(expression.right, scope, compiled)
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


def _in(expression: In, scope: Scope, compiled: Compile) -> Evaluate:
    operand = as_scalar(expression.operand, scope, compiled)
    collection = as_column(expression.collection, scope, compiled)

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


def _between(expression: Between, scope: Scope, compiled: Compile) -> Evaluate:
    operand, low, high = (
        as_scalar(part, scope, compiled) for part in (expression.operand, expression.low, expression.high)
    )

    def evaluate(env: Environment) -> bool | None:
        value = operand(env)
        bounds = (_ordered(low(env), value), _ordered(value, high(env)))
        return False if False in bounds else None if None in bounds else True

    return evaluate


def _ordered(lesser: Any, greater: Any) -> bool | None:
    if type(lesser) in UNKNOWN_TYPES or type(greater) in UNKNOWN_TYPES:
        return None
    return ORDERINGS["<="](lesser, greater)


def _like(expression: Like, scope: Scope, compiled: Compile) -> Evaluate:
    parts = [compiled(part, scope) for part in (expression.operand, expression.pattern)]
    escape = expression.escape and compiled(expression.escape, scope)

    def evaluate(env: Environment) -> bool | None:
        values = [part(env) for part in (*parts, *((escape,) if escape else ()))]
        if any(type(value) in UNKNOWN_TYPES for value in values):
            return None
        value, pattern, *escapes = map(required_text, values)
        return like(value, pattern, escapes[0] if escapes else None)

    return located(evaluate, scope, expression.offset)


def _is(expression: Is, scope: Scope, compiled: Compile) -> Evaluate:
    operand, test = compiled(expression.operand, scope), TYPE_TESTS[expression.type_name]
    return lambda env: test(operand(env))


PREDICATE_COMPILERS: dict[type, Callable[[Any, Scope, Compile], Evaluate]] = {
    Junction: _junction,
    Not: _not,
    Comparison: _comparison,
    In: _in,
    Between: _between,
    Like: _like,
    Is: _is,
}
