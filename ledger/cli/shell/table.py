"""Rows as a table, or one field a line where a table is too wide for the terminal."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wcwidth import wcswidth

from ledger import ion
from ledger.cli.shell.ion_text import ion_text
from ledger.ion import IonType, Value

_NUMBERS = (IonType.INT, IonType.FLOAT, IonType.DECIMAL)
_VALUE = "value"
_AGAIN = " #"


class _Cell(NamedTuple):
    text: str
    is_number: bool = False


_Row = dict[str, _Cell]
_ABSENT = _Cell("")


class Table:
    """A table that is printed while its rows come: widths and names are those of the rows seen first.

    Nothing is ever cut off. A later cell that is wider pushes its line out; a row with other fields starts a new head.
    """

    def __init__(self, width: int | None = None) -> None:
        """Make a table at most `width` columns wide, if that is given; wider ones have one field a line."""
        self._width = width
        self._widths: dict[str, int] = {}
        self._is_vertical = False
        self._count = 0

    def lines(self, rows: Sequence[Value]) -> Iterator[str]:
        """Give the lines for some more rows."""
        cells = [_cells(row) for row in rows]
        if not {name for row in cells for name in row} <= self._widths.keys():
            yield from self._head(cells)
        for row in cells:
            self._count += 1
            yield from self._record(row) if self._is_vertical else [self._line(row)]

    def _head(self, rows: Sequence[_Row]) -> Iterator[str]:
        is_first = not self._widths
        names = dict.fromkeys(name for row in rows for name in row)
        self._widths = {
            name: max(_width(name), *(_width(row.get(name, _ABSENT).text) for row in rows)) for name in names
        }
        self._is_vertical = self._width is not None and sum(self._widths.values()) + 3 * len(names) - 1 > self._width
        if self._is_vertical:
            return
        if not is_first:
            yield ""
        yield " | ".join(_padded(_visible(name), width) for name, width in self._widths.items()).join("  ").rstrip()
        yield "-+-".join("-" * width for width in self._widths.values()).join("--")

    def _line(self, row: _Row) -> str:
        return (
            " " + " | ".join(_aligned(row.get(name, _ABSENT), width) for name, width in self._widths.items())
        ).rstrip()

    def _record(self, row: _Row) -> Iterator[str]:
        title = f"-[ {self._count} ]"
        yield title + "-" * max(0, min(self._width or 0, 60) - len(title))
        width = max(map(_width, row), default=0)
        for name, cell in row.items():
            yield f"{_padded(_visible(name), width)} | {cell.text}"


def _cells(row: Value) -> _Row:
    if ion.is_null(row) or ion.type_of(row) is not IonType.STRUCT:
        return {_VALUE: _cell(row)}
    cells: _Row = {}
    for name, value in ion.fields(row):
        same = sum(name == known.partition(_AGAIN)[0] for known in cells) if name in cells else 0
        cells[f"{name}{_AGAIN}{same + 1}" if same else name] = _cell(value)
    return cells


def _cell(value: Value) -> _Cell:
    if not ion.is_null(value):
        ion_type = ion.type_of(value)
        if ion_type is IonType.STRING and not ion.annotations(value):
            return _Cell(_visible(str(value)))
        return _Cell(ion_text(value), ion_type in _NUMBERS)
    return _Cell(ion_text(value))


def _visible(text: str) -> str:
    """Return text without what would move a cursor or colour a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _width(text: str) -> int:
    return max(wcswidth(_visible(text)), 0)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _aligned(cell: _Cell, width: int) -> str:
    return " " * (width - _width(cell.text)) + cell.text if cell.is_number else _padded(cell.text, width)
