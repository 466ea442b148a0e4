"""What is exported, and where to; and what an export is known by (QLDB API reference, "JournalS3ExportDescription")."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from ledger import clock
from ledger.errors import InvalidParameterException
from ledger.record import pack, unpack

MOST_PREFIX_CHARACTERS = 128


class OutputFormat(StrEnum):
    """How blocks are written."""

    ION_TEXT = "ION_TEXT"
    ION_BINARY = "ION_BINARY"
    JSON = "JSON"


class Encryption(StrEnum):
    """How S3 encrypts the objects."""

    SSE_KMS = "SSE_KMS"
    SSE_S3 = "SSE_S3"
    NO_ENCRYPTION = "NO_ENCRYPTION"


class Status(StrEnum):
    """Of an export."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class ExportRequest(NamedTuple):
    """An export as it is asked for.

    Attributes:
        start, end: blocks with `start <= blockTimestamp < end` are exported.
        kms_key: for SSE_KMS; `None` leaves the key to the bucket.
        output_format: `None` is ION_TEXT, and the manifest does not name it.
        role_arn: only kept and shown; whoever runs the export writes with the rights of its own.
    """

    start: datetime
    end: datetime
    bucket: str
    prefix: str
    encryption: Encryption = Encryption.NO_ENCRYPTION
    kms_key: str | None = None
    output_format: OutputFormat | None = None
    role_arn: str = ""

    def checked(self, created: datetime, now: datetime) -> "ExportRequest":
        """Return the request with its times cut to milliseconds, not before the ledger was created.

        Raises:
            InvalidParameterException: a member cannot be used.
        """
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise InvalidParameterException(
                "InclusiveStartTime and ExclusiveEndTime need a time zone", "ExclusiveEndTime"
            )
        if self.start >= self.end:
            raise InvalidParameterException("the start time must be before the end time", "InclusiveStartTime")
        if clock.milliseconds(self.end) > now:
            raise InvalidParameterException("the end time cannot be in the future", "ExclusiveEndTime")
        if not self.bucket:
            raise InvalidParameterException("Bucket is empty: give the name of a bucket", "Bucket")
        if len(self.prefix) > MOST_PREFIX_CHARACTERS:
            what = f"Prefix has {len(self.prefix)} characters, the most is {MOST_PREFIX_CHARACTERS}"
            raise InvalidParameterException(what, "Prefix")
        start, end = clock.next_millisecond(self.start), clock.next_millisecond(self.end)
        return self._replace(start=max(start, created), end=max(end, created))


class ExportDescription(NamedTuple):
    """An export that was started.

    Attributes:
        ended: when it was completed or cancelled; `None` while it runs.
    """

    ledger: str
    export_id: str
    created: datetime
    request: ExportRequest
    status: Status = Status.IN_PROGRESS
    ended: datetime | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the `JournalS3ExportDescription` of QLDB's API, with its times as datetimes."""
        request = self.request
        encryption = {"ObjectEncryptionType": str(request.encryption)}
        encryption |= {"KmsKeyArn": request.kms_key} if request.kms_key else {}
        return {
            "LedgerName": self.ledger,
            "ExportId": self.export_id,
            "ExportCreationTime": self.created,
            "Status": str(self.status),
            "InclusiveStartTime": request.start,
            "ExclusiveEndTime": request.end,
            "S3ExportConfiguration": {
                "Bucket": request.bucket,
                "Prefix": request.prefix,
                "EncryptionConfiguration": encryption,
            },
            "RoleArn": request.role_arn,
            "OutputFormat": str(request.output_format or OutputFormat.ION_TEXT),
        }

    def to_cell(self) -> bytes:
        """Return the bytes of the job's cell."""
        request = self.request._asdict() | {
            "start": clock.write(self.request.start),
            "end": clock.write(self.request.end),
        }
        ended = None if self.ended is None else clock.write(self.ended)
        return pack({**self._asdict(), "created": clock.write(self.created), "request": request, "ended": ended})

    @staticmethod
    def from_cell(data: bytes) -> "ExportDescription":
        """Return the export that `to_cell` wrote."""
        header, _ = unpack(data)
        request = header["request"]
        output_format = request["output_format"]
        read = ExportRequest(
            **request
            | {
                "start": clock.read(request["start"]),
                "end": clock.read(request["end"]),
                "encryption": Encryption(request["encryption"]),
                "output_format": None if output_format is None else OutputFormat(output_format),
            }
        )
        ended = None if header["ended"] is None else clock.read(header["ended"])
        created, status = clock.read(header["created"]), Status(header["status"])
        return ExportDescription(header["ledger"], header["export_id"], created, read, status, ended)
