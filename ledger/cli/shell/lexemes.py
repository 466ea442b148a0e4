"""Statement text cut into lexemes without refusing any: for finding ends of statements, for colours and completion."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Lexeme(NamedTuple):
    """One piece of a text.

    `kind` is "blank", "comment", "word", "number", "string", "quoted" (a name in double quotes), "ion" (in backticks),
    "operator" or "other". `closed` is false for a comment, string, name or Ion literal that lacks its end.
    """

    kind: str
    text: str
    offset: int
    closed: bool = True


_ION_PARTS = r"""
    [^`"'/]
  | "(?:[^"\\]|\\.)*+"
  | '''(?:[^'\\]|\\.|'(?!''))*+'''
  | ''(?!')
  | '(?!')(?:[^'\\]|\\.)*+'
  | //[^\n]*+\n
  | /\*(?:[^*]|\*(?!/))*+\*/
  | /(?![/*])
"""
_LEXEME = re.compile(
    rf"""
      (?P<blank>         \s+ )
    | (?P<comment>       --[^\n]* | /\*(?:[^*]|\*(?!/))*+\*/ )
    | (?P<word>          [^\W\d][\w$]* )
    | (?P<number>        (?:\d+(?:\.\d*)?|\.\d+) (?:[eE][+-]?\d+)? )
    | (?P<string>        '(?:[^']|'')*+' )
    | (?P<quoted>        "(?:[^"]|"")*+" )
    | (?P<ion>           ` (?:{_ION_PARTS})*+ ` )
    | (?P<open_comment>  /\* .* )
    | (?P<open_string>   ' .* )
    | (?P<open_quoted>   " .* )
    | (?P<open_ion>      ` .* )
    | (?P<operator>      << | >> | <> | != | <= | >= | \|\| | [-=<>+*/%()\[\]{{}},.:;?@] )
    | (?P<other>         . )
    """,
    re.VERBOSE | re.DOTALL,
)


def lexemes(text: str) -> Iterator[Lexeme]:
    """Give the pieces of `text` in order; together they are the whole text."""
    for match in _LEXEME.finditer(text):
        group = str(match.lastgroup)
        kind = group.removeprefix("open_")
        yield Lexeme(kind, match.group(), match.start(), closed=kind == group)
