"""What every part of the parser can rely on: the moves of a cursor, expressions and queries."""

from abc import ABC, abstractmethod

from ledger.partiql.cursor import Cursor
from ledger.partiql.query_syntax import Select
from ledger.partiql.syntax import Expression, Subquery
from ledger.partiql.tree import MAX_DEPTH


class Reader(Cursor, ABC):
    """Reads expressions and queries from the tokens of a statement."""

    def __init__(self, text: str, *, extensions: bool = False) -> None:
        super().__init__(text)
        self.extensions = extensions
        self._depth = 0

    @abstractmethod
    def expression(self) -> Expression:
        """Read a whole expression, as may stand in brackets."""

    @abstractmethod
    def query(self) -> Select:
        """Read a query from behind its SELECT."""

    def subquery(self) -> Subquery:
        """Read a query that is an operand, from its SELECT on."""
        offset = self.expect("SELECT").offset
        self.deeper()
        found = Subquery(self.query(), offset)
        self._depth -= 1
        return found

    def deeper(self) -> None:
        """Count one level of nesting, and fail beyond the deepest one."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail(f"expressions nest more than {MAX_DEPTH} deep")

    def argument(self) -> Expression:
        """Read an expression, or a query without parentheses of its own."""
        return self.subquery() if self.token.kind == "SELECT" else self.expression()

    def items(self, closing: str) -> tuple[Expression, ...]:
        """Read expressions with commas between them up to the closing token, which is consumed."""
        items: list[Expression] = []
        if not self.accept(closing):
            items.append(self.expression())
            while self.accept(","):
                items.append(self.expression())
            self.expect(closing)
        return tuple(items)

    def accept_word(self, word: str) -> bool:
        """Consume a word that is not reserved, in any case, if it is next."""
        found = self.token.kind == "name" and self.token.value.upper() == word
        if found:
            self.advance()
        return found
