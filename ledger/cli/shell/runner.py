"""Runs statements: each in a transaction of its own, or in the one that was begun."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from ledger import errors
from ledger.cli.shell.client import Client, Cost, Result, Transaction
from ledger.cli.shell.statements import Control
from ledger.errors import InvalidSessionException, OccConflictException, QldbError
from ledger.ion import Value

Show: TypeAlias = Callable[[Sequence[Value]], None]

_RETRIES = 4
_FIRST_PAUSE_SECONDS = 0.02
_RETRIED_STATUSES = (500, 503)
# A commit that fails with one of these has changed nothing.
_CERTAIN = (
    errors.BadRequestException,
    errors.CapacityExceededException,
    errors.InvalidSessionException,
    errors.LimitExceededException,
    errors.OccConflictException,
    errors.RateExceededException,
    errors.TransactionOutcomeUnknownException,
)


class TransactionError(ValueError):
    """The shell's own refusal: there is no open transaction, or there is one already."""


class IncompleteResultError(QldbError):
    """The rows that were shown are not the whole result, or not all of one moment; the cause says why."""


class Runner:
    """Runs statements on one ledger and hands the rows on, page by page.

    Attributes:
        transaction: the one that was begun and is open; `None` if each statement has its own.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.transaction: Transaction | None = None

    def run(self, statement: str, parameters: Sequence[Value], show: Show) -> Cost:
        """Run a statement and return what it cost.

        Outside an open transaction it is run again after a conflict, as drivers do, unless rows were shown.

        Args:
            show: takes the rows, one page after another. A result of one page is shown when it has been committed.

        Raises:
            QldbError: it failed. `transaction` tells whether the open one goes on.
        """
        if self.transaction is not None:
            return self._run_inside(self.transaction, statement, parameters, show)
        for attempt in range(_RETRIES):
            try:
                return self._run_alone(statement, parameters, show)
            except QldbError as error:
                if not _is_retriable(error):
                    raise
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - jitter
        return self._run_alone(statement, parameters, show)

    def control(self, word: Control) -> Cost:
        """Begin, commit or abort.

        Raises:
            TransactionError: that makes no sense now.
            QldbError: the ledger refuses. After a commit, whatever came of it, no transaction is open.
        """
        if word is Control.BEGIN:
            if self.transaction is not None:
                raise TransactionError("a transaction is open already: commit or abort it first")
            self.transaction = self._client.begin()
            return Cost()
        if self.transaction is None:
            raise TransactionError(f"there is no open transaction to {word.name.lower()}: begin one first")
        transaction, self.transaction = self.transaction, None
        if word is Control.COMMIT:
            return Cost().plus(self._commit(transaction))
        self.drop()
        return Cost()

    def drop(self) -> None:
        """Drop whatever is open; never fails."""
        self.transaction = None
        self._client.reset()

    def _run_inside(self, transaction: Transaction, statement: str, parameters: Sequence[Value], show: Show) -> Cost:
        try:
            result = transaction.execute(statement, parameters)
            _show_all(result, show)
        except (errors.BadRequestException, errors.LimitExceededException):
            # The statement has changed nothing, and the ledger lets the transaction go on.
            raise
        except BaseException:
            # The transaction is gone, or half a statement may stand in it: it must not be committed.
            self.drop()
            raise
        return result.cost

    def _run_alone(self, statement: str, parameters: Sequence[Value], show: Show) -> Cost:
        try:
            transaction = self._client.begin()
            result = transaction.execute(statement, parameters)
            if not result.is_whole:
                return self._stream(transaction, result, show)
            pages = [*result.pages()]
            committed = self._commit(transaction)
        except BaseException:
            self.drop()
            raise
        for page in pages:
            show(page)
        return result.cost.plus(committed)

    def _stream(self, transaction: Transaction, result: Result, show: Show) -> Cost:
        try:
            _show_all(result, show)
            return result.cost.plus(self._commit(transaction))
        except QldbError as error:
            raise IncompleteResultError(error.message, error.code) from error

    def _commit(self, transaction: Transaction) -> Mapping[str, Any]:
        try:
            return transaction.commit()
        except BaseException as error:
            self.drop()
            if isinstance(error, _CERTAIN):
                raise
            reason = str(error) or type(error).__name__
            raise errors.TransactionOutcomeUnknownException(f"the commit was interrupted: {reason}") from error


def _show_all(result: Result, show: Show) -> None:
    for page in result.pages():
        show(page)


def _is_retriable(error: QldbError) -> bool:
    if isinstance(error, InvalidSessionException):
        return not error.message.startswith("Transaction ")
    return isinstance(error, OccConflictException) or error.status in _RETRIED_STATUSES
