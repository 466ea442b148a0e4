"""What can be wrong with a statement, in QLDB's words where users' code reads them."""


class PartiQLError(Exception):
    """A statement that cannot be parsed or executed; the session layer answers it as BadRequestException.

    Attributes:
        message: the text for the client, with line and column where they are known.
        code: QLDB's number for the error ("432": no such variable), if it has one.
        line: 1-based line in the statement, or None.
        column: 1-based column in the line, or None.
        reason: for people: what was expected there. Not part of QLDB's text.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        line: int | None = None,
        column: int | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.line = line
        self.column = column
        self.reason = reason


def position(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of an offset in a statement."""
    line_start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - line_start + 1


def unsupported(text: str, offset: int, reason: str) -> PartiQLError:
    """Return a statement outside QLDB's grammar; the message is QLDB's own, the reason is ours."""
    line, column = position(text, offset)
    message = f"Unsupported PartiQL Statement, Errors at:\nline {line}, column {column}"
    return PartiQLError(message, line=line, column=column, reason=reason)


def no_such_variable(text: str, offset: int, name: str) -> PartiQLError:
    """Return a table that does not exist; QLDB says it twice, and drivers' tests compare the text."""
    line, column = position(text, offset)
    complaint = f"No such variable named '{name}'"
    message = f"Semantic Error: at line {line}, column {column}: {complaint}; {complaint}"
    return PartiQLError(message, code="432", line=line, column=column)


def semantic(text: str, offset: int, complaint: str) -> PartiQLError:
    """Return a statement that parses but means nothing, or fails on the values it meets."""
    line, column = position(text, offset)
    message = f"Semantic Error: at line {line}, column {column}: {complaint}"
    return PartiQLError(message, line=line, column=column)
