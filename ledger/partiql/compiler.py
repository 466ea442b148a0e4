"""Expressions to closures over the environment."""

from ledger.partiql.constructors import VALUE_COMPILERS
from ledger.partiql.functions import FUNCTION_COMPILERS
from ledger.partiql.predicates import PREDICATE_COMPILERS, as_truth
from ledger.partiql.scope import Evaluate, Scope
from ledger.partiql.subqueries import QUERY_COMPILERS
from ledger.partiql.syntax import Expression

_COMPILERS = {**VALUE_COMPILERS, **PREDICATE_COMPILERS, **FUNCTION_COMPILERS, **QUERY_COMPILERS}


def compiled(expression: Expression, scope: Scope) -> Evaluate:
    """Return a closure that gives the value of an expression: an Ion value, a Bag or MISSING.

    Operators on NULL or MISSING give NULL, comparisons that have no answer too.

    Raises:
        PartiQLError: the expression cannot stand here. The closure raises it for values that do not fit.
    """
    return _COMPILERS[type(expression)](expression, scope, compiled)


def compiled_truth(expression: Expression, scope: Scope) -> Evaluate:
    """Return a closure like that of `compiled` which gives only True, False or None (unknown)."""
    return as_truth(expression, scope, compiled)
