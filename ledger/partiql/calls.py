"""Reading calls of functions, from behind the opening parenthesis up to the closing one."""

from collections.abc import Callable

from ledger.partiql.dates import EXTRACTED_PARTS, PARTS
from ledger.partiql.functions import FUNCTIONS, TRANSACTION_FUNCTIONS
from ledger.partiql.lexer import Token
from ledger.partiql.reader import Reader
from ledger.partiql.syntax import Call, Cast, Expression, Literal
from ledger.partiql.types import type_name

_SIDES = ("LEADING", "TRAILING", "BOTH")


def _call(reader: Reader, start: Token) -> Expression:
    arguments: list[Expression] = []
    if reader.token.kind != ")":
        arguments.append(reader.argument())
    while arguments and reader.accept(","):
        arguments.append(reader.argument())
    return _checked(reader, start, arguments)


def _checked(reader: Reader, start: Token, arguments: list[Expression]) -> Call:
    function = FUNCTIONS[start.kind]
    if not function.least <= len(arguments) <= function.most:
        reader.fail(f"{start.kind} does not take {len(arguments)} arguments")
    return Call(start.kind, tuple(arguments), start.offset)


def _cast(reader: Reader, start: Token) -> Expression:
    operand = reader.argument()
    reader.expect("AS")
    return Cast(operand, type_name(reader), start.offset)


def _part(reader: Reader, allowed: tuple[str, ...]) -> Literal:
    name = str(reader.token.value).upper()
    if reader.token.kind not in {name, "name"} or name not in allowed:
        reader.fail(f"expected one of {', '.join(allowed)}")
    reader.advance()
    return Literal(name)


def _date(reader: Reader, start: Token) -> Expression:
    arguments: list[Expression] = [_part(reader, PARTS)]
    while reader.accept(","):
        arguments.append(reader.argument())
    return _checked(reader, start, arguments)


def _extract(reader: Reader, start: Token) -> Expression:
    part = _part(reader, EXTRACTED_PARTS)
    reader.expect("FROM")
    return Call(start.kind, (part, reader.argument()), start.offset)


def _substring(reader: Reader, start: Token) -> Expression:
    arguments = [reader.argument()]
    if reader.accept("FROM"):
        arguments.append(reader.argument())
        if reader.accept("FOR"):
            arguments.append(reader.argument())
    else:
        while reader.accept(","):
            arguments.append(reader.argument())
    return _checked(reader, start, arguments)


def _trim(reader: Reader, start: Token) -> Expression:
    side = reader.advance().kind if reader.token.kind in _SIDES else None
    characters: Expression = Literal(" ")
    if side is None or reader.token.kind != "FROM":
        text = reader.argument()
        if reader.token.kind != "FROM":
            if side is not None:
                reader.fail("expected FROM")
            return Call(start.kind, (Literal("BOTH"), characters, text), start.offset)
        characters = text
    reader.expect("FROM")
    return Call(start.kind, (Literal(side or "BOTH"), characters, reader.argument()), start.offset)


CALLS: dict[str, Callable[[Reader, Token], Expression]] = {
    **dict.fromkeys(FUNCTIONS, _call),
    **dict.fromkeys(TRANSACTION_FUNCTIONS, lambda _reader, start: Call(start.kind, (), start.offset)),
    **dict.fromkeys(("DATE_ADD", "DATE_DIFF"), _date),
    "EXTRACT": _extract,
    "SUBSTRING": _substring,
    "TRIM": _trim,
    "CAST": _cast,
}
