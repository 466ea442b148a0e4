"""Operands: constants, names, constructors and calls, each with the path behind it."""

from collections.abc import Callable
from typing import Any, ClassVar

from ledger.partiql.calls import CALLS
from ledger.partiql.lexer import Token
from ledger.partiql.reader import Reader
from ledger.partiql.syntax import (
    Aggregate,
    BagOf,
    Expression,
    ListOf,
    Literal,
    Parameter,
    Path,
    StructOf,
    Variable,
    Wildcard,
)
from ledger.partiql.values import MISSING

_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None, "MISSING": MISSING}
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG"})


class OperandParser(Reader):
    """Reads operands from the tokens of a statement."""

    def operand(self) -> Expression:
        """Read one operand with the path steps behind it."""
        start = self.token
        reader = self._OPERANDS.get(start.kind)
        if reader is None:
            self.fail("expected an expression")
        root = reader(self, start)
        steps: list[str | Wildcard | Expression] = []
        while self.token.kind in {".", "["}:
            steps.append(self._step())
        return Path(root, tuple(steps), start.offset) if steps else root

    def _step(self) -> str | Wildcard | Expression:
        if self.advance().kind == ".":
            return Wildcard(of_fields=True) if self.accept("*") else str(self.expect_field().value)
        if self.token.kind == "*" and self.following().kind == "]":
            self.advance()
            self.advance()
            return Wildcard(of_fields=False)
        step = self.expression()
        self.expect("]")
        return step.value if isinstance(step, Literal) and isinstance(step.value, str) else step

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
        return Variable(name.value, name.offset, local=True)

    def _call(self, start: Token) -> Expression:
        self.advance()
        self.expect("(")
        found = CALLS[start.kind](self, start)
        self.expect(")")
        return found

    def _parenthesised(self, _start: Token) -> Expression:
        self.advance()
        inner = self.argument()
        self.expect(")")
        return inner

    def _list(self, start: Token) -> Expression:
        self.advance()
        return ListOf(self.items("]"), start.offset)

    def _bag(self, start: Token) -> Expression:
        self.advance()
        return BagOf(self.items(">>"), start.offset)

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
        **dict.fromkeys(CALLS, _call),
        "?": _parameter,
        "@": _local,
        "(": _parenthesised,
        "[": _list,
        "<<": _bag,
        "{": _struct,
    }
