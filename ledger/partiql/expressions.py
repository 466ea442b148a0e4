"""Expressions: precedence climbing over the tokens."""

from collections.abc import Callable
from typing import Any, ClassVar

from ledger.partiql.cursor import Cursor
from ledger.partiql.lexer import Token
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
from ledger.partiql.tree import MAX_DEPTH
from ledger.partiql.types import type_name
from ledger.partiql.values import MISSING

_OR, _AND, _NOT, _PREDICATE, _CONCAT, _ADD, _MULTIPLY, _SIGN = range(1, 9)
_POWER = {
    "OR": _OR,
    "AND": _AND,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "IN", "IS", "BETWEEN", "LIKE", "NOT"), _PREDICATE),
    "||": _CONCAT,
    **dict.fromkeys("+-", _ADD),
    **dict.fromkeys("*/%", _MULTIPLY),
}
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None, "MISSING": MISSING}
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG"})


class ExpressionParser(Cursor):
    """Reads expressions from the tokens of a statement."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def expression(self, power: int = _OR) -> Expression:
        """Read an expression whose operators bind at least as tightly as `power`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail(f"expressions nest more than {MAX_DEPTH} deep")
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
            return Sign(token.kind, self.expression(_SIGN), token.offset)
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
            self.advance()
            return ListOf(self._items(")"))
        return self.expression(_CONCAT)

    def operand(self) -> Expression:
        """Read one operand with the path steps behind it."""
        start = self.token
        reader = self._OPERANDS.get(start.kind)
        if reader is None:
            self.fail("expected an expression")
        root = reader(self, start)
        steps: list[str | Expression] = []
        while self.token.kind in {".", "["}:
            steps.append(self._step())
        return Path(root, tuple(steps), start.offset) if steps else root

    def _step(self) -> str | Expression:
        if self.advance().kind == ".":
            return str(self.expect_name().value)
        step = self.expression()
        self.expect("]")
        return step.value if isinstance(step, Literal) and isinstance(step.value, str) else step

    def _items(self, closing: str) -> tuple[Expression, ...]:
        items: list[Expression] = []
        if not self.accept(closing):
            items.append(self.expression())
            while self.accept(","):
                items.append(self.expression())
            self.expect(closing)
        return tuple(items)

    def _constant(self, start: Token) -> Expression:
        self.advance()
        return Literal(_CONSTANTS.get(start.kind, start.value))

    def _parameter(self, _start: Token) -> Expression:
        self.advance()
        self.parameter_count += 1
        return Parameter(self.parameter_count - 1)

    def _name(self, start: Token) -> Expression:
        self.advance()
        if self.token.kind == "(":
            raise self.error(f"there is no function {start.value}", start.offset)
        return Variable(start.value, start.offset)

    def _local(self, _start: Token) -> Expression:
        self.advance()
        name = self.expect_name()
        return Variable(name.value, name.offset)

    def _parenthesised(self, _start: Token) -> Expression:
        self.advance()
        inner = self.expression()
        self.expect(")")
        return inner

    def _list(self, _start: Token) -> Expression:
        self.advance()
        return ListOf(self._items("]"))

    def _bag(self, _start: Token) -> Expression:
        self.advance()
        return BagOf(self._items(">>"))

    def _struct(self, start: Token) -> Expression:
        self.advance()
        pairs: list[tuple[Expression, Expression]] = []
        if not self.accept("}"):
            pairs.append(self._pair())
            while self.accept(","):
                pairs.append(self._pair())
            self.expect("}")
        return StructOf(tuple(pairs), start.offset)

    def _pair(self) -> tuple[Expression, Expression]:
        name = self.expression()
        self.expect(":")
        return name, self.expression()

    def _aggregate(self, start: Token) -> Expression:
        self.advance()
        self.expect("(")
        all_rows = start.kind == "COUNT" and self.accept("*")
        operand = None if all_rows else self.expression()
        self.expect(")")
        return Aggregate(start.kind, operand, start.offset)

    _OPERANDS: ClassVar[dict[str, Callable[[Any, Token], Expression]]] = {
        **dict.fromkeys(("number", "string", "ion", *_CONSTANTS), _constant),
        **dict.fromkeys(("name", "quoted"), _name),
        **dict.fromkeys(_AGGREGATES, _aggregate),
        "?": _parameter,
        "@": _local,
        "(": _parenthesised,
        "[": _list,
        "<<": _bag,
        "{": _struct,
    }
