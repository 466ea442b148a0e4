"""Compiling what makes values: constants, names and paths, lists and structs, arithmetic."""

from collections.abc import Callable
from typing import Any

from ledger.comparison import Bag
from ledger.partiql import paths
from ledger.partiql.operators import OperandError, arithmetic, concatenated, negated, number, required_text
from ledger.partiql.scope import Compile, Environment, Evaluate, Scope, located, parameter_slot
from ledger.partiql.subqueries import as_scalar
from ledger.partiql.syntax import (
    Aggregate,
    BagOf,
    Bound,
    Chain,
    Expression,
    ListOf,
    Literal,
    Parameter,
    Path,
    Sign,
    StructOf,
    Variable,
    Wildcard,
)
from ledger.partiql.values import UNKNOWN_TYPES, settled, struct
from ledger.partiql.weight import weighed


def _literal(expression: Literal, _scope: Scope, _compiled: Compile) -> Evaluate:
    value = expression.value
    return lambda _env: value


def _parameter(expression: Parameter, _scope: Scope, _compiled: Compile) -> Evaluate:
    return paths.slot(parameter_slot(expression.index))


def _variable(expression: Variable, scope: Scope, compiled: Compile) -> Evaluate:
    return _walked(expression, scope, compiled, ())


def _path(expression: Path, scope: Scope, compiled: Compile) -> Evaluate:
    return _walked(expression.root, scope, compiled, expression.steps)


def _walked(root: Expression, scope: Scope, compiled: Compile, steps: tuple[Any, ...]) -> Evaluate:
    evaluate, left = _rooted(root, scope, compiled, steps)
    for index, step in enumerate(left):
        if isinstance(step, Wildcard):
            spread = [_keyed(later, scope, compiled) for later in left[index:]]
            return paths.elements(evaluate, spread)
        evaluate = (
            paths.field(evaluate, step) if isinstance(step, str) else paths.element(evaluate, compiled(step, scope))
        )
    return evaluate


def _keyed(step: Any, scope: Scope, compiled: Compile) -> Any:
    if isinstance(step, Wildcard):
        return paths.fields_of if step.of_fields else paths.elements_of
    key = compiled(Literal(step) if isinstance(step, str) else step, scope)
    return paths.step_by(key)


def _rooted(
    root: Expression, scope: Scope, compiled: Compile, steps: tuple[Any, ...]
) -> tuple[Evaluate, tuple[Any, ...]]:
    if not isinstance(root, Variable):
        return compiled(root, scope), steps
    place = scope.located(Path(root, steps, root.offset))
    if place is None:
        if root.local or not scope.sources:
            raise scope.no_such_variable(root.offset, root.name)
        scope.program.read.update(scope.sources)
        return paths.field_of_any(tuple(scope.sources), root.name), steps
    slot, rest = place
    scope.program.read.add(slot)
    if rest and isinstance(rest[0], str):
        return paths.field_of_slot(slot, rest[0]), rest[1:]
    return paths.slot(slot), rest


def _list(expression: ListOf, scope: Scope, compiled: Compile) -> Evaluate:
    if all(isinstance(item, Literal) for item in expression.items):
        constant = [settled(item.value) for item in expression.items if isinstance(item, Literal)]
        return lambda _env: constant
    items = [compiled(item, scope) for item in expression.items]
    return located(lambda env: weighed([settled(item(env)) for item in items]), scope, expression.offset)


def _bag(expression: BagOf, scope: Scope, compiled: Compile) -> Evaluate:
    items = [compiled(item, scope) for item in expression.items]
    return located(lambda env: weighed(Bag(settled(item(env)) for item in items)), scope, expression.offset)


def _struct(expression: StructOf, scope: Scope, compiled: Compile) -> Evaluate:
    pairs = [(compiled(name, scope), compiled(value, scope)) for name, value in expression.pairs]

    def evaluate(env: Environment) -> Any:
        return weighed(struct([(required_text(name(env)), value(env)) for name, value in pairs]))

    return located(evaluate, scope, expression.offset)


def _chain(expression: Chain, scope: Scope, compiled: Compile) -> Evaluate:
    evaluate = as_scalar(expression.first, scope, compiled)
    links = []
    for operator, operand, offset in expression.rest:
        links.append((_operation(operator), as_scalar(operand, scope, compiled), offset))

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


def _sign(expression: Sign, scope: Scope, compiled: Compile) -> Evaluate:
    operand = compiled(expression.operand, scope)
    negative = expression.operator == "-"

    def evaluate(env: Environment) -> Any:
        value = operand(env)
        if type(value) in UNKNOWN_TYPES:
            return None
        return negated(value) if negative else number(value)

    return located(evaluate, scope, expression.offset)


def _aggregate(expression: Aggregate, scope: Scope, _compiled: Compile) -> Evaluate:
    if scope.aggregates is None:
        raise scope.unsupported(expression.offset, f"{expression.function} may stand only in the select list")
    slot = scope.take()
    scope.aggregates[slot] = expression
    return paths.slot(slot)


def _bound(expression: Bound, _scope: Scope, _compiled: Compile) -> Evaluate:
    return paths.slot(expression.slot)


VALUE_COMPILERS: dict[type, Callable[[Any, Scope, Compile], Evaluate]] = {
    Literal: _literal,
    Parameter: _parameter,
    Variable: _variable,
    Path: _path,
    ListOf: _list,
    BagOf: _bag,
    StructOf: _struct,
    Chain: _chain,
    Sign: _sign,
    Aggregate: _aggregate,
    Bound: _bound,
}
