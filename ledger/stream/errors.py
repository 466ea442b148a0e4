"""The errors of journal streams, with the names and members that AWS gives them (QLDB API reference).

A request that cannot be carried out is an `InvalidParameterException`, as elsewhere.
"""

from ledger.errors import ApiError

_TYPE = "JournalKinesisStream"


class StreamError(ApiError):
    """The root of what can go wrong with a journal stream."""


class StreamNotFoundError(StreamError):
    """There is no such stream, or it ended more than seven days ago."""

    status = 404
    name = "ResourceNotFoundException"

    def __init__(self, stream_id: str) -> None:
        self.stream_id = stream_id
        what = f"no stream {stream_id!r} of this ledger; a stream vanishes seven days after its end"
        super().__init__(what, ResourceType=_TYPE, ResourceName=stream_id)


class StreamEndedError(StreamError):
    """The stream has ended already, and a stream cannot be started again."""

    status = 412
    name = "ResourcePreconditionNotMetException"

    def __init__(self, stream_id: str, status: str) -> None:
        self.stream_id = stream_id
        what = f"stream {stream_id} is {status}: only one that is ACTIVE or IMPAIRED can be canceled"
        super().__init__(what, ResourceType=_TYPE, ResourceName=stream_id)


class TooManyStreamsError(StreamError):
    """As many streams of the ledger are live as may be."""

    name = "LimitExceededException"

    def __init__(self, most: int) -> None:
        what = f"{most} streams of this ledger are live, the most that may be: cancel one, or wait for one to end"
        super().__init__(what, ResourceType=_TYPE)
