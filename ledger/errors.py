"""The errors of QLDB's APIs, by its own names, and how HTTP carries them (QLDB guide, "Driver errors"; API reference).

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


class ApiError(Exception):
    """The root of what the control plane and the server answer; the session API's errors are `QldbError`s.

    Attributes:
        members: what stands in the answer beside the message.
    """

    status = 400
    name = ""

    def __init__(self, message: str, **members: str) -> None:
        self.message = message
        self.members = members
        super().__init__(message)

    @property
    def wire_name(self) -> str:
        """Return the error's name on the wire."""
        return self.name or type(self).__name__


class InvalidParameterException(ApiError):
    """A member of the request cannot be used; `parameter` names it."""

    def __init__(self, message: str, parameter: str) -> None:
        self.parameter = parameter
        super().__init__(message, ParameterName=parameter)
