"""Where results go: rows in a format, how many there were, and what they cost."""

import sys
from collections.abc import Sequence
from typing import TextIO

from ledger.cli.shell.client import Cost
from ledger.cli.shell.formats import lines_of
from ledger.cli.shell.runner import Runner
from ledger.ion import Value


class Display:
    """Prints results on standard output as they come.

    Attributes:
        format_name: "table", "json", "ion" or "ion-pretty".
        width: columns of the terminal; `None` if there is none.
        notes: where costs are told; `None` for nowhere.
    """

    def __init__(self, format_name: str, *, width: int | None, notes: TextIO | None) -> None:
        self.format_name = format_name
        self.width = width
        self.notes = notes

    def run(self, runner: Runner, statement: str, parameters: Sequence[Value] = ()) -> list[Value]:
        """Run a statement, print its rows, and return those of its first page.

        Raises:
            QldbError: it failed.
        """
        lines = lines_of(self.format_name, self.width)
        first: list[Value] = []
        count = 0

        def show(rows: Sequence[Value]) -> None:
            nonlocal count
            if not count:
                first.extend(rows)
            count += len(rows)
            sys.stdout.writelines(line + "\n" for line in lines(rows))
            sys.stdout.flush()

        cost = runner.run(statement, parameters, show)
        rows = f"({count} row{'' if count == 1 else 's'})" if self.format_name == "table" else ""
        if self.notes is sys.stdout:
            print(f"{rows} {_text(cost)}".lstrip(), flush=True)
            return first
        if rows:
            print(rows, flush=True)
        self.tell(cost)
        return first

    def tell(self, cost: Cost) -> None:
        """Print what something cost, if that is wanted."""
        if self.notes is not None:
            print(_text(cost), file=self.notes, flush=True)


def _text(cost: Cost) -> str:
    return f"{cost.read_ios} read IOs, {cost.write_ios} write IOs, {cost.milliseconds} ms"
