"""What the shell understands besides statements."""

import sys
from collections.abc import Iterator

from ledger import ion
from ledger.cli.shell.display import Display
from ledger.cli.shell.formats import FORMATS
from ledger.cli.shell.names import Names
from ledger.cli.shell.table import Table

_HELP = """\
A statement ends with ; or an empty line. Each is a transaction of its own, unless one was begun.
  begin             open a transaction (or: start transaction)
  commit, abort     end it
  tables            the tables and their indexed fields
  format [FORMAT]   print rows as table, json, ion or ion-pretty
  timing [on|off]   tell what each statement costs: IOs, and time in the ledger
  help, quit        (or exit, or Ctrl-D, to leave)
Tab completes. Arrows and Ctrl-R look in the history; what begins with a space is not kept there. Ctrl-C cancels."""
_NAMES = frozenset({"exit", "format", "help", "quit", "tables", "timing"})


class CommandError(ValueError):
    """A command of the shell with words that it does not know."""


def command_of(text: str) -> list[str] | None:
    """Return the words of a command, in lower case; `None` if the text is something else."""
    words = text.strip().rstrip(";").lower().split()
    if words[:2] == ["show", "tables"]:
        return words[1:]
    return words if words and words[0] in _NAMES else None


class Commands:
    """Carries out commands, except for leaving."""

    def __init__(self, display: Display, names: Names) -> None:
        self._display = display
        self._names = names

    def run(self, words: list[str]) -> Iterator[str]:
        """Do what the words say and give the lines to print.

        Raises:
            CommandError: a word is unknown.
            QldbError: the tables cannot be read.
        """
        match words:
            case ["help"]:
                yield _HELP
            case ["tables"]:
                yield from self._tables()
            case ["format"]:
                yield f"format is {self._display.format_name}"
            case ["format", name] if name in FORMATS:
                self._display.format_name = name
            case ["timing"]:
                yield f"timing is {'on' if self._display.notes else 'off'}"
            case ["timing", "on" | "off" as state]:
                self._display.notes = sys.stdout if state == "on" else None
            case _:
                raise CommandError(f"no such command: {' '.join(words)}; help tells what there is")

    def _tables(self) -> Iterator[str]:
        self._names.refresh()
        rows = [
            ion.struct([("table", name), ("indexed fields", ", ".join(fields))])
            for name, fields in sorted(self._names.tables.items())
        ]
        yield from Table().lines(rows) if rows else ["no tables; CREATE TABLE makes one"]
