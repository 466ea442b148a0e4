"""The interactive shell: reads, runs, prints, until the person leaves."""

import math
import sys
from contextlib import suppress
from shutil import get_terminal_size

from botocore.exceptions import ClientError
from prompt_toolkit import print_formatted_text
from prompt_toolkit.formatted_text import FormattedText

from ledger import ion
from ledger.cli.shell.client import Client, SendCommand
from ledger.cli.shell.colours import STYLE
from ledger.cli.shell.commands import Commands, command_of
from ledger.cli.shell.complaint import complaint
from ledger.cli.shell.display import Display
from ledger.cli.shell.history import opened_history
from ledger.cli.shell.names import Names
from ledger.cli.shell.prompt import Prompt, color_depth
from ledger.cli.shell.runner import Runner
from ledger.cli.shell.statements import Control, control, is_finished, parameter_count, significant, statements
from ledger.errors import QldbError
from ledger.ion import IonError, Value
from ledger.store import StoreError

_DONE = {Control.BEGIN: "transaction begun", Control.COMMIT: "committed", Control.ABORT: "aborted"}
_CATALOG_CHANGES = ("CREATE", "DROP", "UNDROP")


class Shell:
    """A shell on one ledger."""

    def __init__(
        self,
        send_command: SendCommand,
        ledger_name: str,
        format_name: str,
        *,
        record: bool,
        transaction_seconds: float = math.inf,
    ) -> None:
        """Make a shell that talks to the ledger by `send_command`.

        Args:
            format_name: in which rows are printed at first.
            record: keep what is typed for the next time.
            transaction_seconds: after which the ledger most likely ends a transaction.
        """
        self._ledger_name = ledger_name
        self._runner = Runner(Client(send_command, ledger_name))
        self._display = Display(format_name, width=None, notes=sys.stdout)
        self._names = Names(Client(send_command, ledger_name))
        self._is_outdated = False
        self._commands = Commands(self._display, self._names)
        self._prompt = Prompt(
            ledger_name,
            self._names,
            opened_history(record=record),
            _is_meant_to_run,
            transaction_seconds=transaction_seconds,
        )

    def run(self) -> None:
        """Read and run until the person leaves.

        Raises:
            QldbError: the ledger cannot be reached to begin with.
        """
        self._names.refresh()
        _note(f"ledger {self._ledger_name}, {len(self._names.tables)} table(s); help tells what can be typed")
        try:
            while self._read_and_run():
                pass
        finally:
            if self._runner.transaction is not None:
                _note("the open transaction was aborted")
            self._runner.drop()

    def _read_and_run(self) -> bool:
        """Do one thing; tell whether to go on."""
        try:
            text = self._prompt.read(self._runner.transaction)
            if command_of(text) in (["quit"], ["exit"]):
                return False
            self._do(text)
        except KeyboardInterrupt:
            # What was typed is forgotten; or the key was pressed again while a statement was cancelled.
            return True
        except EOFError:
            return False
        return True

    def _do(self, text: str) -> None:
        statement, was_open = "", self._runner.transaction is not None
        try:
            command = command_of(text)
            if command is not None:
                sys.stdout.writelines(line + "\n" for line in self._commands.run(command))
                return
            for statement, _ in statements([text]):
                self._run(statement)
        except (QldbError, StoreError, ClientError, ValueError, OSError) as error:
            _complain(complaint(error, statement))
        except (KeyboardInterrupt, EOFError):
            _note("cancelled")
        if was_open and self._runner.transaction is None and control(statement) is None:
            _note("the transaction is no longer open")

    def _run(self, statement: str) -> None:
        word = control(statement)
        if word is not None:
            cost = self._runner.control(word)
            _note(_DONE[word])
            if word is Control.COMMIT:
                self._display.tell(cost)
        else:
            parameters = [self._parameter(number + 1) for number in range(parameter_count(statement))]
            self._display.width = get_terminal_size().columns
            self._names.learn(self._display.run(self._runner, statement, parameters))
            self._is_outdated |= significant(statement)[0].text.upper() in _CATALOG_CHANGES
        if self._is_outdated and self._runner.transaction is None:
            # What failed here would look as if the statement had.
            with suppress(QldbError, StoreError, ClientError):
                self._names.refresh()
            self._is_outdated = False

    def _parameter(self, number: int) -> Value:
        while True:
            try:
                return ion.parse(self._prompt.read_parameter(number))
            except IonError as error:
                _complain(f'error: {error}; a parameter is an Ion value, such as "Ann" or 1.50')


def _is_meant_to_run(text: str) -> bool:
    return command_of(text) is not None or control(text) is not None or is_finished(text)


def _note(text: str) -> None:
    _print("class:note", text)


def _complain(text: str) -> None:
    first, _, rest = text.partition(":")
    _print("class:error", f"{first}:", rest)


def _print(style: str, text: str, rest: str = "") -> None:
    print_formatted_text(FormattedText([(style, text), ("", rest)]), style=STYLE, color_depth=color_depth())
