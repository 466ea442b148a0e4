"""Statement text to tokens."""

import re
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any, NamedTuple

from ledger import ion
from ledger.partiql.errors import unsupported
from ledger.partiql.words import RESERVED_WORDS


class Token(NamedTuple):
    """One token.

    `kind` is the keyword in upper case or the operator itself; else "name", "quoted" (a name in double quotes),
    "string", "number", "ion" (their value is in `value`) or "end".
    """

    kind: str
    value: Any
    offset: int


_TOKEN = re.compile(
    r"""
      (?P<blank>    \s+ | --[^\n]* | /\*(?:[^*]|\*(?!/))*\*/ )
    | (?P<comment>  /\* )
    | (?P<word>     [^\W\d][\w$]* )
    | (?P<number>   (?:\d+(?:\.\d*)?|\.\d+) (?:[eE][+-]?\d+)? (?![\w$]) )
    | (?P<string>   '(?:[^']|'')*' )
    | (?P<quoted>   "(?:[^"]|"")*" )
    | (?P<ion>      ` )
    | (?P<operator> << | >> | <> | != | <= | >= | \|\| | [-=<>+*/%()\[\]{},.:;?@] )
    """,
    re.VERBOSE,
)
_MAX_EXPONENT = 999_999
_ION_STOP = re.compile(r"""[`"]|'{1,3}|//|/\*""")
_ION_SKIP = {
    "'''": re.compile(r"'''(?:[^'\\]|\\.|'(?!''))*'''", re.DOTALL),
    "''": re.compile("''"),
    "'": re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL),
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL),
    "//": re.compile(r"//[^\n]*\n"),
    "/*": re.compile(r"/\*(?:[^*]|\*(?!/))*\*/"),
}


def tokens(text: str) -> list[Token]:
    """All tokens of a statement, the last of kind "end".

    Raises:
        PartiQLError: at the first character that starts no token, with its line and column.
    """
    found: list[Token] = []
    offset, length = 0, len(text)
    while offset < length:
        match = _TOKEN.match(text, offset)
        if match is None:
            raise unsupported(text, offset, f"no token starts with {text[offset]!r}")
        group = str(match.lastgroup)
        end = match.end() if group != "ion" else _ion_end(text, offset)
        if group != "blank":
            found.append(_MAKERS[group](text, text[offset:end], offset))
        offset = end
    found.append(Token("end", None, length))
    return found


def _word(_text: str, lexeme: str, offset: int) -> Token:
    upper = lexeme.upper()
    return Token(upper, lexeme, offset) if upper in RESERVED_WORDS else Token("name", lexeme, offset)


def _number(text: str, lexeme: str, offset: int) -> Token:
    try:
        value = int(lexeme) if lexeme.isdecimal() else Decimal(lexeme)
    except (ValueError, DecimalException):
        raise unsupported(text, offset, "the number has too many digits") from None
    if isinstance(value, Decimal) and abs(value.adjusted()) > _MAX_EXPONENT:
        raise unsupported(text, offset, f"the number's exponent is beyond {_MAX_EXPONENT}")
    return Token("number", value, offset)


def _string(_text: str, lexeme: str, offset: int) -> Token:
    return Token("string", lexeme[1:-1].replace("''", "'"), offset)


def _quoted(text: str, lexeme: str, offset: int) -> Token:
    if lexeme == '""':
        raise unsupported(text, offset, "a name cannot be empty")
    return Token("quoted", lexeme[1:-1].replace('""', '"'), offset)


def _ion(text: str, lexeme: str, offset: int) -> Token:
    try:
        return Token("ion", ion.parse(lexeme[1:-1]), offset)
    except ion.IonError as error:
        raise unsupported(text, offset, f"what stands between the backticks is not one Ion value: {error}") from None


def _comment(text: str, _lexeme: str, offset: int) -> Token:
    raise unsupported(text, offset, "the comment has no end")


def _operator(_text: str, lexeme: str, offset: int) -> Token:
    return Token("<>" if lexeme == "!=" else lexeme, lexeme, offset)


def _ion_end(text: str, start: int) -> int:
    """Where the Ion literal that starts at a backtick ends: backticks in its strings, symbols and comments are text."""
    offset = start + 1
    while match := _ION_STOP.search(text, offset):
        if match.group() == "`":
            return match.end()
        skip = _ION_SKIP[match.group()].match(text, match.start())
        if skip is None:
            break
        offset = skip.end()
    raise unsupported(text, start, "the Ion literal has no end")


_MAKERS: dict[str, Callable[[str, str, int], Token]] = {
    "comment": _comment,
    "word": _word,
    "number": _number,
    "string": _string,
    "quoted": _quoted,
    "ion": _ion,
    "operator": _operator,
}
