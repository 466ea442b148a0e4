"""Statements that nobody types: from the command line, a file or a pipe."""

import sys
from collections.abc import Iterable, Sequence

from ledger.cli.shell.complaint import complaint
from ledger.cli.shell.display import Display
from ledger.cli.shell.runner import Runner, TransactionError
from ledger.cli.shell.statements import Control, Statement, control
from ledger.errors import QldbError
from ledger.ion import Value


def run_script(
    runner: Runner,
    display: Display,
    script: Iterable[Statement],
    *,
    parameters: Sequence[Value] = (),
    one_transaction: bool = False,
) -> bool:
    """Run statements until one fails; tell whether all went well.

    Args:
        parameters: for each of the statements.
        one_transaction: begin before the first and commit after the last.
    """
    statement = Statement("", 0)
    try:
        if one_transaction:
            runner.control(Control.BEGIN)
        for statement in script:
            _run(runner, display, statement, parameters)
        statement = Statement("", 0)
        if one_transaction:
            runner.control(Control.COMMIT)
        _check_closed(runner)
    except (QldbError, TransactionError) as error:
        sys.stdout.flush()
        print(complaint(error, statement.text, line=statement.line), file=sys.stderr)
        return False
    finally:
        runner.drop()
    return True


def _run(runner: Runner, display: Display, statement: Statement, parameters: Sequence[Value]) -> None:
    word = control(statement.text)
    if word is None:
        display.run(runner, statement.text, parameters)
    else:
        display.tell(runner.control(word))


def _check_closed(runner: Runner) -> None:
    if runner.transaction is not None:
        raise TransactionError("the transaction was still open at the end and was aborted: add COMMIT")
