"""Expressions: precedence climbing over the tokens."""

from decimal import Decimal

from ledger.partiql.lexer import Token
from ledger.partiql.operands import OperandParser
from ledger.partiql.operators import negated
from ledger.partiql.predicate_syntax import Between, Comparison, In, Is, Junction, Like, Not
from ledger.partiql.syntax import Chain, Expression, ListOf, Literal, Sign
from ledger.partiql.types import type_name

_OR, _AND, _NOT, _PREDICATE, _CONCAT, _ADD, _MULTIPLY, _SIGN = range(1, 9)
_POWER = {
    "OR": _OR,
    "AND": _AND,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "IN", "IS", "BETWEEN", "LIKE", "NOT"), _PREDICATE),
    "||": _CONCAT,
    **dict.fromkeys("+-", _ADD),
    **dict.fromkeys("*/%", _MULTIPLY),
}


class ExpressionParser(OperandParser):
    """Reads expressions from the tokens of a statement."""

    def expression(self, power: int = _OR) -> Expression:
        """Read an expression whose operators bind at least as tightly as `power`."""
        self.deeper()
        left = self._prefix(power)
        while (found := _POWER.get(self.token.kind, 0)) >= power:
            left = self._infix(left, found)
        self._depth -= 1
        return left

    def _prefix(self, power: int) -> Expression:
        token = self.token
        if token.kind == "NOT" and power <= _NOT:
            self.advance()
            return Not(self.expression(_NOT), token.offset)
        if token.kind in {"-", "+"}:
            self.advance()
            operand = self.expression(_SIGN)
            if isinstance(operand, Literal) and type(operand.value) in {int, Decimal}:
                return Literal(negated(operand.value) if token.kind == "-" else operand.value)
            return Sign(token.kind, operand, token.offset)
        return self.operand()

    def _infix(self, left: Expression, power: int) -> Expression:
        if power <= _AND:
            return self._junction(left, power)
        if power > _PREDICATE:
            return self._chain(left, power)
        return self._predicate(left)

    def _junction(self, left: Expression, power: int) -> Expression:
        first = self.token
        operands = [left]
        while self.accept(first.kind):
            operands.append(self.expression(power + 1))
        return Junction(first.kind, tuple(operands), first.offset)

    def _chain(self, left: Expression, power: int) -> Expression:
        rest: list[tuple[str, Expression, int]] = []
        start = self.token.offset
        while _POWER.get(self.token.kind) == power:
            operator = self.advance()
            rest.append((operator.kind, self.expression(power + 1), operator.offset))
        return Chain(left, tuple(rest), start)

    def _predicate(self, left: Expression) -> Expression:
        operator = self.advance()
        if operator.kind == "IS":
            return self._is(left, operator)
        if operator.kind == "NOT":
            if self.token.kind not in {"IN", "BETWEEN", "LIKE"}:
                self.fail("expected IN, BETWEEN or LIKE after NOT")
            return Not(self._predicate(left), operator.offset)
        if operator.kind == "IN":
            return In(left, self._collection(), operator.offset)
        if operator.kind == "BETWEEN":
            low = self.expression(_CONCAT)
            self.expect("AND")
            return Between(left, low, self.expression(_CONCAT))
        if operator.kind == "LIKE":
            pattern = self.expression(_CONCAT)
            escape = self.expression(_CONCAT) if self.accept("ESCAPE") else None
            return Like(left, pattern, escape, operator.offset)
        return Comparison(operator.kind, left, self.expression(_CONCAT))

    def _is(self, left: Expression, operator: Token) -> Expression:
        negated = self.accept("NOT")
        found = Is(left, type_name(self))
        return Not(found, operator.offset) if negated else found

    def _collection(self) -> Expression:
        if self.token.kind == "(" and self.following().kind != "SELECT":
            offset = self.advance().offset
            return ListOf(self.items(")"), offset)
        return self.expression(_CONCAT)
