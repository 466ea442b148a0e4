"""Statements in colours."""

from collections.abc import Callable

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.formatted_text.utils import split_lines
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from ledger.cli.shell.lexemes import Lexeme, lexemes
from ledger.partiql.words import RESERVED_WORDS

STYLE = Style.from_dict(
    {
        "keyword": "ansiblue bold",
        "string": "ansigreen",
        "ion": "ansiyellow",
        "number": "ansicyan",
        "comment": "ansibrightblack",
        "other": "ansired",
        "prompt": "bold",
        "error": "ansired bold",
        "note": "ansibrightblack",
        "bottom-toolbar": "noreverse ansiyellow",
    }
)
_STYLED = frozenset({"string", "ion", "number", "comment", "other"})


class StatementLexer(Lexer):
    """Gives each lexeme the style of its kind."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Return a function from the number of a line to its pieces."""
        pieces: StyleAndTextTuples = [(_style(lexeme), lexeme.text) for lexeme in lexemes(document.text)]
        lines = list(split_lines(pieces))
        return lambda number: lines[number] if number < len(lines) else []


def _style(lexeme: Lexeme) -> str:
    if lexeme.kind == "word":
        return "class:keyword" if lexeme.text.upper() in RESERVED_WORDS else ""
    return f"class:{lexeme.kind}" if lexeme.kind in _STYLED else ""
