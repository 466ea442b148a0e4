"""What Kinesis answers when it does not take records: for now, until somebody puts it right, or ever."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError  # noqa: A004
from botocore.parsers import ResponseParserError

from ledger.errors import InvalidParameterException
from ledger.stream.description import ErrorCause
from ledger.stream.errors import StreamError

UNREACHABLE = (ConnectionError, HTTPClientError, IncompleteReadError, ResponseParserError)
"""What is raised when Kinesis, or its answer, does not get through."""

_GONE = {"ResourceNotFoundException"}
_FORBIDDEN = {
    "AccessDeniedException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "KMSOptInRequired",
}
_BUSY = {
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "ThrottlingException",
    "KMSThrottlingException",
    "ResourceInUseException",
    "InternalFailure",
    "InternalFailureException",
    "ServiceUnavailable",
}


class ImpairedError(StreamError):
    """Kinesis takes no record until somebody puts `cause` right; the stream waits for it."""

    def __init__(self, cause: ErrorCause, said: str) -> None:
        self.cause = cause
        super().__init__(f"the stream is impaired, {cause}: {said}")


class NotAcknowledgedError(StreamError):
    """Kinesis has not acknowledged all records in time; they are sent again."""


def impairment(error: ClientError) -> ImpairedError | None:
    """Return what an error of Kinesis means for the stream, if it is for people to put right."""
    code = error.response["Error"]["Code"]
    if code in _GONE:
        return ImpairedError(ErrorCause.KINESIS_STREAM_NOT_FOUND, str(error))
    if code in _FORBIDDEN:
        return ImpairedError(ErrorCause.IAM_PERMISSION_REVOKED, str(error))
    return None


def is_passing(error: ClientError) -> bool:
    """Tell whether a call may be repeated: Kinesis is busy, or fails."""
    status: int = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return status >= 500 or error.response["Error"]["Code"] in _BUSY


@contextmanager
def refused_as_parameter() -> Iterator[None]:
    """Turn Kinesis' refusal into that of the request, in QLDB's words.

    Raises:
        InvalidParameterException: Kinesis refuses.
    """
    try:
        yield
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        what = f"QLDB encountered an error validating Kinesis Data Streams: Response from Kinesis: {code} {message}"
        raise InvalidParameterException(what, "KinesisConfiguration") from error
