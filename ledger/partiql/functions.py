"""The functions of PartiQL in QLDB (guide, "PartiQL functions"), as closures over their arguments.

Unless it says otherwise, a function gives NULL when an argument is NULL or MISSING.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger import ion
from ledger.comparison import equal
from ledger.partiql import dates, formats, strings
from ledger.partiql.casts import cast
from ledger.partiql.operators import OperandError
from ledger.partiql.scope import TABLES_SLOT, Compile, Environment, Evaluate, Scope, located
from ledger.partiql.syntax import Call, Cast
from ledger.partiql.values import MISSING, UNKNOWN_TYPES, is_sequence, type_name


class Function(NamedTuple):
    """A function of known values; with `unknowns`, it takes NULL and MISSING too."""

    least: int
    most: int
    apply: Callable[..., Any]
    unknowns: bool = False


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if type(value) not in UNKNOWN_TYPES), None)


def _nullif(first: Any, second: Any) -> Any:
    if type(first) in UNKNOWN_TYPES:
        return None
    return None if type(second) not in UNKNOWN_TYPES and equal(first, second) else first


def _size(value: Any) -> int:
    if is_sequence(value):
        return len(value)
    if ion.type_of(value) is not ion.IonType.STRUCT:
        raise OperandError(f"SIZE needs a list, a bag or a struct, got a value of type {type_name(value)}")
    return sum(1 for _ in ion.fields(value))


def _exists(value: Any) -> bool:
    if value is MISSING:
        raise OperandError("EXISTS needs a value, got a value of type missing")
    if type(value) in UNKNOWN_TYPES or not (is_sequence(value) or ion.type_of(value) is ion.IonType.STRUCT):
        return False
    return _size(value) > 0


FUNCTIONS: dict[str, Function] = {
    "COALESCE": Function(1, 1_000, _coalesce, unknowns=True),
    "NULLIF": Function(2, 2, _nullif, unknowns=True),
    "EXISTS": Function(1, 1, _exists, unknowns=True),
    "SIZE": Function(1, 1, _size),
    **dict.fromkeys(("CHAR_LENGTH", "CHARACTER_LENGTH"), Function(1, 1, strings.length)),
    "LOWER": Function(1, 1, strings.lower),
    "UPPER": Function(1, 1, strings.upper),
    "SUBSTRING": Function(2, 3, strings.substring),
    "TRIM": Function(3, 3, strings.trimmed),
    "DATE_ADD": Function(3, 3, dates.added),
    "DATE_DIFF": Function(3, 3, dates.difference),
    "EXTRACT": Function(2, 2, dates.extracted),
    "TO_STRING": Function(2, 2, formats.written),
    "TO_TIMESTAMP": Function(1, 2, formats.read),
}
TRANSACTION_FUNCTIONS: dict[str, Evaluate] = {
    "TXID": lambda env: env[TABLES_SLOT].transaction_id,
    "UTCNOW": lambda env: dates.instant(env[TABLES_SLOT].statement_time),
}
"""The functions without arguments."""


def _call(expression: Call, scope: Scope, compiled: Compile) -> Evaluate:
    if expression.function in TRANSACTION_FUNCTIONS:
        return TRANSACTION_FUNCTIONS[expression.function]
    function = FUNCTIONS[expression.function]
    arguments = [compiled(argument, scope) for argument in expression.arguments]

    def evaluate(env: Environment) -> Any:
        values = [argument(env) for argument in arguments]
        if not function.unknowns and any(type(value) in UNKNOWN_TYPES for value in values):
            return None
        return function.apply(*values)

    return located(evaluate, scope, expression.offset)


def _cast(expression: Cast, scope: Scope, compiled: Compile) -> Evaluate:
    operand, name = compiled(expression.operand, scope), expression.type_name
    return located(lambda env: cast(operand(env), name), scope, expression.offset)


FUNCTION_COMPILERS: dict[type, Callable[[Any, Scope, Compile], Evaluate]] = {Call: _call, Cast: _cast}
