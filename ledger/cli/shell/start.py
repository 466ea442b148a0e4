"""From arguments to a running script or shell."""

import argparse
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from shutil import get_terminal_size

from ledger import ion
from ledger.cli.errors import UsageError
from ledger.cli.places import opened_store
from ledger.cli.shell.client import Client, SendCommand
from ledger.cli.shell.display import Display
from ledger.cli.shell.runner import Runner
from ledger.cli.shell.script import run_script
from ledger.cli.shell.statements import Statement, statements
from ledger.ledger import Ledger
from ledger.limits import DEFAULT_LIMITS
from ledger.session.service import SessionService

# Time limits keep a server from holding what its clients have forgotten; here nobody else is served.
_UNHURRIED = replace(DEFAULT_LIMITS, transaction_seconds=math.inf, session_seconds=math.inf)


def start(options: argparse.Namespace) -> int:
    """Run what the arguments ask for, and return the exit code.

    Raises:
        UsageError: they do not fit together.
        QldbError, LedgerNotFoundError, StoreError: the ledger cannot be reached.
    """
    _check(options)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    with _sender(options) as send_command:
        if options.statement is None and options.file is None and sys.stdin.isatty():
            return _run_shell(options, send_command)
        return _run_script(options, send_command)


def _check(options: argparse.Namespace) -> None:
    if options.file is not None and options.statement is not None:
        raise UsageError("give a STATEMENT or --file, not both")
    if options.parameters and options.statement == "-":
        raise UsageError("parameters are for a STATEMENT on the command line, not for standard input")
    if options.region is not None and options.endpoint is None:
        raise UsageError("--region goes with --endpoint")
    if options.extensions and options.endpoint is not None:
        raise UsageError("--extensions goes with --data or --store; a server has its own say in that")


@contextmanager
def _sender(options: argparse.Namespace) -> Iterator[SendCommand]:
    if options.endpoint is not None:
        from ledger.cli.shell.endpoint import send_to  # noqa: PLC0415

        yield send_to(options.endpoint, options.region)
        return
    with opened_store(options) as store:
        # Not in the background: there nothing can be done any more once the store is closed.
        ledger = Ledger(
            store, options.ledger, limits=_UNHURRIED, extensions=options.extensions, work_in_background=False
        )
        yield SessionService(lambda _: ledger).send_command


def _run_shell(options: argparse.Namespace, send_command: SendCommand) -> int:
    if not sys.stdout.isatty():
        raise UsageError("the shell needs a terminal to print on: give a STATEMENT or --file, or pipe statements in")
    # Imported here, for only the shell needs a library for terminals.
    from ledger.cli.shell.shell import Shell  # noqa: PLC0415

    limits = _UNHURRIED if options.endpoint is None else DEFAULT_LIMITS
    seconds = limits.transaction_seconds
    format_name = options.format or "table"
    Shell(send_command, options.ledger, format_name, record=not options.no_history, transaction_seconds=seconds).run()
    return 0


def _run_script(options: argparse.Namespace, send_command: SendCommand) -> int:
    parameters = [_parameter(number, text) for number, text in enumerate(options.parameters, 1)]
    script = statements(_chunks(options))
    if parameters:
        script = iter(_only(list(script)))
    is_terminal = sys.stdout.isatty()
    display = Display(
        options.format or ("table" if is_terminal else "ion"),
        width=get_terminal_size().columns if is_terminal else None,
        notes=sys.stderr if options.timing else None,
    )
    runner = Runner(Client(send_command, options.ledger))
    try:
        done = run_script(runner, display, script, parameters=parameters, one_transaction=options.transaction)
    except BrokenPipeError:
        # Whoever reads the rows has seen enough. What Python still holds goes nowhere, or it would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        done = False
    return 0 if done else 1


def _parameter(number: int, text: str) -> ion.Value:
    try:
        return ion.parse(text)
    except ion.IonError as error:
        raise UsageError(f"parameter {number} is {text!r}, which is {error}") from error


def _chunks(options: argparse.Namespace) -> Iterator[str]:
    if options.file is not None:
        yield from _lines(options.file)
    elif options.statement not in {None, "-"}:
        yield options.statement
    else:
        yield from sys.stdin


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from file
    except OSError as error:
        raise UsageError(f"cannot read --file {path}: {error.strerror}") from error


def _only(script: list[Statement]) -> list[Statement]:
    if len(script) != 1:
        raise UsageError(f"parameters are for one statement, got {len(script)}")
    return script
