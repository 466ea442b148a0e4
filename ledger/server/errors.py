"""The errors of the server, with the names, statuses and members that AWS gives them (QLDB API reference)."""

from ledger.errors import ApiError


class LedgerQuotaError(ApiError):
    """There are as many ledgers as the server allows."""

    name = "LimitExceededException"

    def __init__(self, message: str) -> None:
        super().__init__(message, ResourceType="Ledger")


class _OfLedger(ApiError):
    """An error about one ledger."""

    def __init__(self, message: str, ledger: str) -> None:
        super().__init__(message, ResourceType="Ledger", ResourceName=ledger)


class ResourceNotFoundException(_OfLedger):
    """There is no such ledger."""

    status = 404


class ResourceAlreadyExistsException(_OfLedger):
    """There is a ledger of that name."""

    status = 409


class ResourceInUseException(_OfLedger):
    """The ledger is being created or deleted."""

    status = 409


class ResourcePreconditionNotMetException(_OfLedger):
    """The ledger is not in the state that the operation needs."""

    status = 412


class SerializationException(ApiError):
    """The body is not what the operation reads: no JSON, or a member of another type."""


class UnknownOperationException(ApiError):
    """No operation has this target, or this method and path."""


class RequestEntityTooLargeException(ApiError):
    """The body is larger than the server reads."""

    status = 413


class RequestTimeoutException(ApiError):
    """The body did not come in time."""

    status = 408


class AccessDeniedException(ApiError):
    """The caller may not do this."""

    status = 403


class CapacityExceededException(ApiError):
    """More requests wait than the server takes; with this status drivers try again."""

    status = 503


class InternalFailure(ApiError):
    """The server failed; its log says how."""

    status = 500


class CorruptLedgerException(ApiError):
    """What is stored contradicts itself. The status is one that drivers do not repeat."""

    status = 501
