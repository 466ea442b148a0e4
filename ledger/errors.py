"""The errors of QLDB's session API, by its own names, and how HTTP carries them (QLDB guide, "Driver errors").

`status` decides what drivers do: they retry an OCC conflict, an invalid session, and anything with 500 or 503.
"""


class QldbError(Exception):
    """The root of everything that a client of the ledger is told."""

    status = 400

    def __init__(self, message: str, code: str | None = None, *, status: int | None = None) -> None:
        self.message = message
        self.code = code
        self.status = status or self.status
        super().__init__(message)

    @property
    def name(self) -> str:
        """Return the error's name on the wire."""
        return type(self).__name__


class BadRequestException(QldbError):
    """The request cannot be carried out as it stands; `code` tells the kind, as QLDB numbered them."""


class InvalidSessionException(QldbError):
    """The session or its transaction is gone: start anew."""


class OccConflictException(QldbError):
    """Another transaction changed what this one read: run it again."""

    def __init__(self) -> None:
        super().__init__("Optimistic concurrency control (OCC) failure encountered while committing the transaction")


class LimitExceededException(QldbError):
    """The transaction is over a limit; running it again cannot help."""


class CapacityExceededException(QldbError):
    """The ledger is too busy; try again later."""

    status = 503


class RateExceededException(QldbError):
    """The ledger's store refuses more requests for now; try again later."""

    status = 503


class TransactionOutcomeUnknownException(QldbError):
    """The answer to the commit was lost, and the ledger could not find out whether it took place.

    The status is one that drivers do not retry: a second run could do the work twice.
    """

    status = 504


class InvalidParameterException(Exception):
    """The control plane's word for a member of a request that cannot be used; `parameter` names it."""

    status = 400

    def __init__(self, message: str, parameter: str) -> None:
        self.message = message
        self.parameter = parameter
        super().__init__(message)
