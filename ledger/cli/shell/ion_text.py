"""Ion text for people: letters of every language as they are, control characters never."""

import re
from collections.abc import Iterable

from ledger import ion
from ledger.ion import IonType, Value

_BRACKETS = {IonType.LIST: ("[", "]", ","), IonType.SEXP: ("(", ")", ""), IonType.STRUCT: ("{", "}", ",")}
_LINE_WIDTH = 100
_TEXT = re.compile(r"""\{\{.*?\}\} | "(?:[^"\\]|\\.)*+" | '(?:[^'\\]|\\.)*+'""", re.VERBOSE | re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|.)", re.DOTALL)


def ion_text(value: Value) -> str:
    """Return `value` as Ion text on one line."""
    written = ion.text(value)
    return _TEXT.sub(_readable, written) if "\\" in written else written


def ion_pretty(value: Value, indent: str = "") -> str:
    """Return `value` as Ion text with a line for each member of what does not fit into one line."""
    line = ion_text(value)
    if len(indent) + len(line) <= _LINE_WIDTH or ion.is_null(value) or ion.type_of(value) not in _BRACKETS:
        return line
    opening, closing, comma = _BRACKETS[ion.type_of(value)]
    inner = indent + "  "
    members = f"{comma}\n".join(inner + member for member in _members(value, inner))
    return f"{_annotations(value)}{opening}\n{members}\n{indent}{closing}"


def _members(value: Value, indent: str) -> Iterable[str]:
    if ion.type_of(value) is IonType.STRUCT:
        return [f"{symbol(name)}: {ion_pretty(field, indent)}" for name, field in ion.fields(value)]
    return [ion_pretty(member, indent) for member in value]


def _annotations(value: Value) -> str:
    return "".join(f"{symbol(name)}::" for name in ion.annotations(value))


def symbol(name: str) -> str:
    """Return a name as Ion text, in quotes if it needs them."""
    return ion_text(ion.typed(name, IonType.SYMBOL))


def _readable(match: re.Match[str]) -> str:
    literal = match.group()
    # What stands in double braces are bytes: there \xe9 is no letter.
    return literal if literal.startswith("{{") else _ESCAPE.sub(_character, literal)


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    character = chr(int(code, 16)) if code else ""
    return character if character > "\x7f" and character.isprintable() else match.group()
