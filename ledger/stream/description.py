"""What is streamed, and where to; and what a stream is known by (QLDB API ref., "JournalKinesisStreamDescription")."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from ledger import clock
from ledger.errors import InvalidParameterException
from ledger.journal.revision import BlockAddress


class Status(StrEnum):
    """Of a stream. `IMPAIRED` is live, too: it goes on by itself once Kinesis takes its records again.

    Nothing here makes a stream `FAILED`. That a Kinesis stream is gone for good cannot be told from its being made
    anew, and the journal waits: so a stream stays impaired until it works again or is canceled.
    """

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    FAILED = "FAILED"
    IMPAIRED = "IMPAIRED"

    @property
    def is_live(self) -> bool:
        """Tell whether the stream has not ended."""
        return self in {Status.ACTIVE, Status.IMPAIRED}


class ErrorCause(StrEnum):
    """Why a stream is impaired."""

    KINESIS_STREAM_NOT_FOUND = "KINESIS_STREAM_NOT_FOUND"
    IAM_PERMISSION_REVOKED = "IAM_PERMISSION_REVOKED"


class StreamRequest(NamedTuple):
    """A stream as it is asked for.

    Attributes:
        name: unique among the live streams of the ledger.
        start, end: blocks with `start <= blockTimestamp < end` are streamed; no `end` means for ever.
        kinesis_arn: of the Kinesis data stream that the records go to.
        aggregated: whether records are packed as the Kinesis Producer Library does.
        role_arn: only kept and shown; whoever runs the stream writes with the rights of its own.
    """

    name: str
    start: datetime
    kinesis_arn: str
    end: datetime | None = None
    aggregated: bool = True
    role_arn: str = ""

    def checked(self, created: datetime, now: datetime) -> "StreamRequest":
        """Return the request with its times cut to milliseconds, not before the ledger was created.

        Raises:
            InvalidParameterException: a member cannot be used.
        """
        if not self.name:
            raise InvalidParameterException("StreamName is empty: give a name", "StreamName")
        if self.start.tzinfo is None or (self.end and self.end.tzinfo is None):
            what = "InclusiveStartTime and ExclusiveEndTime need a time zone"
            raise InvalidParameterException(what, "InclusiveStartTime")
        if clock.milliseconds(self.start) > now:
            raise InvalidParameterException("the start time cannot be in the future", "InclusiveStartTime")
        if self.end and self.start >= self.end:
            raise InvalidParameterException("the start time must be before the end time", "InclusiveStartTime")
        end = self.end and max(clock.next_millisecond(self.end), created)
        return self._replace(start=max(clock.next_millisecond(self.start), created), end=end)


class StreamDescription(NamedTuple):
    """A stream that was started.

    Attributes:
        arn: `arn:aws:qldb:<region>:<account>:stream/<ledger>/<stream id>`, also in each of its records.
        error_cause: why it is impaired; `None` if it is not.
        ended: when it was completed or canceled; `None` while it is live.
        too_large: the last blocks, at most 20, with a record over Kinesis' limit (`ledger.stream.fitting`).
    """

    ledger: str
    stream_id: str
    arn: str
    created: datetime
    request: StreamRequest
    status: Status = Status.ACTIVE
    error_cause: ErrorCause | None = None
    ended: datetime | None = None
    too_large: tuple[BlockAddress, ...] = ()

    def to_api(self) -> dict[str, Any]:
        """Return the `JournalKinesisStreamDescription` of QLDB's API, with its times as datetimes."""
        request = self.request
        return {
            "LedgerName": self.ledger,
            "CreationTime": self.created,
            "InclusiveStartTime": request.start,
            **({"ExclusiveEndTime": request.end} if request.end else {}),
            "RoleArn": request.role_arn,
            "StreamId": self.stream_id,
            "Arn": self.arn,
            "Status": str(self.status),
            "KinesisConfiguration": {"StreamArn": request.kinesis_arn, "AggregationEnabled": request.aggregated},
            **({"ErrorCause": str(self.error_cause)} if self.error_cause else {}),
            "StreamName": request.name,
        }
