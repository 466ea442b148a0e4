"""The formats in which results are printed, each a function from rows to lines."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from ledger.cli.shell.ion_text import ion_pretty, ion_text
from ledger.cli.shell.json_text import json_text
from ledger.cli.shell.table import Table
from ledger.ion import Value

Lines: TypeAlias = Callable[[Sequence[Value]], Iterable[str]]

_ROW_WRITERS = {"json": json_text, "ion": ion_text, "ion-pretty": ion_pretty}
FORMATS = ("table", *_ROW_WRITERS)


def lines_of(format_name: str, width: int | None) -> Lines:
    """Return what turns the rows of one result into lines, some rows after others.

    Args:
        format_name: "table", "json", "ion" or "ion-pretty".
        width: columns of the terminal; `None` if there is none.
    """
    if format_name == "table":
        return Table(width).lines
    write = _ROW_WRITERS[format_name]
    return lambda rows: map(write, rows)
