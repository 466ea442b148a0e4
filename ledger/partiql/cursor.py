"""A position in the tokens of a statement, with the moves that every part of the parser makes."""

from typing import NoReturn

from ledger.partiql.errors import PartiQLError, semantic, unsupported
from ledger.partiql.lexer import Token, tokens
from ledger.partiql.words import RESERVED_WORDS


class Cursor:
    """Tokens of one statement and the current one.

    Attributes:
        text: the statement.
        token: the token that is next.
        previous: the token that was consumed last.
        parameter_count: how many `?` were read so far.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._index = 0
        self.token = self._tokens[0]
        self.previous = self.token
        self.parameter_count = 0

    def advance(self) -> Token:
        """Return the current token and move to the next one."""
        self.previous = self.token
        self._index += 1
        self.token = self._tokens[self._index]
        return self.previous

    def following(self) -> Token:
        """Return the token after the current one ("end" after the last)."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    def accept(self, kind: str) -> Token | None:
        """Consume the current token if it is of this kind."""
        return self.advance() if self.token.kind == kind else None

    def expect(self, kind: str) -> Token:
        """Consume a token of this kind, or fail."""
        if self.token.kind != kind:
            self.fail(f"expected {kind}")
        return self.advance()

    def expect_name(self) -> Token:
        """Consume a name, bare or in double quotes; reserved words are names only in quotes."""
        if self.token.kind not in {"name", "quoted"}:
            self.fail("expected a name (a reserved word is one only in double quotes)")
        return self.advance()

    def expect_field(self) -> Token:
        """Consume the name behind a dot; a reserved word right behind it is one, too: `metadata.txId`, `o.no`."""
        adjacent = self.token.offset == self.previous.offset + 1
        return self.advance() if adjacent and self.token.kind in RESERVED_WORDS else self.expect_name()

    def error(self, reason: str, offset: int | None = None) -> PartiQLError:
        """QLDB's error for a statement that it does not support, at an offset or at the current token."""
        return unsupported(self.text, self.token.offset if offset is None else offset, reason)

    def semantic(self, complaint: str, offset: int) -> PartiQLError:
        """Return an error about what the statement means."""
        return semantic(self.text, offset, complaint)

    def fail(self, reason: str) -> NoReturn:
        """Raise that error at the current token."""
        got = "the statement ends" if self.token.kind == "end" else f"got {str(self.token.value)[:40]!r}"
        raise self.error(f"{reason}, {got}")
