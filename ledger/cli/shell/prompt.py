"""The line where statements are typed: many lines, colours, Tab, the history, and how long a transaction has left."""

import math
import os
import time
from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth

from ledger.cli.shell.client import Transaction
from ledger.cli.shell.colours import STYLE, StatementLexer
from ledger.cli.shell.completion import StatementCompleter
from ledger.cli.shell.names import Names


class Prompt:
    """Reads what a person types at the ledger's name."""

    def __init__(
        self,
        ledger_name: str,
        names: Names,
        history: History,
        is_finished: Callable[[str], bool],
        *,
        transaction_seconds: float,
    ) -> None:
        """Read until `is_finished` says that a text is meant to run when Enter is pressed."""
        self._transaction_seconds = transaction_seconds
        self._ledger_name = ledger_name
        self._session: PromptSession[str] = PromptSession(
            history=history,
            lexer=StatementLexer(),
            completer=StatementCompleter(names),
            complete_while_typing=False,
            multiline=True,
            key_bindings=_bindings(is_finished),
            prompt_continuation=lambda width, _line, _wrapped: "-> ".rjust(width),
            style=STYLE,
            include_default_pygments_style=False,
            color_depth=color_depth(),
        )
        self._parameters: PromptSession[str] = PromptSession(color_depth=color_depth())

    def read(self, transaction: Transaction | None) -> str:
        """Return the next text.

        Args:
            transaction: the open one, shown by a star and by the time that it has left.

        Raises:
            KeyboardInterrupt: Ctrl-C: what was typed is to be forgotten.
            EOFError: Ctrl-D on an empty line: the person leaves.
        """
        self._session.bottom_toolbar = (
            (lambda: state_of(transaction, self._transaction_seconds)) if transaction else None
        )
        self._session.refresh_interval = 1 if transaction else 0
        star = " *" if transaction else ""
        return self._session.prompt([("class:prompt", f"{self._ledger_name}{star}> ")])

    def read_parameter(self, number: int) -> str:
        """Return the Ion text for a parameter; it is not recorded."""
        return self._parameters.prompt(f"  ? {number} = ")


def state_of(transaction: Transaction, limit_seconds: float) -> str:
    """Return what to say of an open transaction.

    Args:
        limit_seconds: after which the ledger most likely ends it.
    """
    age = time.monotonic() - transaction.started
    if age > limit_seconds:
        state = "expired, most likely"
    elif math.isinf(limit_seconds):
        state = f"open for {age:.0f} s"
    else:
        state = f"{limit_seconds - age:.0f} s left"
    return f" transaction {transaction.id}: {state}; commit or abort"


def color_depth() -> ColorDepth | None:
    """Return one colour if the user wants none (no-color.org), else leave it to the terminal."""
    return ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None


def _bindings(is_finished: Callable[[str], bool]) -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None
        elif is_finished(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.newline()

    return bindings
