"""Streaming the journal to Kinesis as QLDB did: jobs, what they publish, and the forwarder that does the work.

QLDB guide, "Streaming journal data". The publisher is in `ledger.stream.kinesis`, since few need what it imports.
"""

from ledger.stream.description import ErrorCause, Status, StreamDescription, StreamRequest
from ledger.stream.ensure import ensure_stream
from ledger.stream.errors import StreamEndedError, StreamError, StreamNotFoundError, TooManyStreamsError
from ledger.stream.forwarder import Forwarded, Publisher, forward
from ledger.stream.jobs import MOST_LIVE, cancel_stream, describe_stream, list_streams, start_stream
from ledger.stream.records import Record, block_records, control_record
from ledger.stream.refusals import ImpairedError, NotAcknowledgedError

__all__ = [
    "MOST_LIVE",
    "ErrorCause",
    "Forwarded",
    "ImpairedError",
    "NotAcknowledgedError",
    "Publisher",
    "Record",
    "Status",
    "StreamDescription",
    "StreamEndedError",
    "StreamError",
    "StreamNotFoundError",
    "StreamRequest",
    "TooManyStreamsError",
    "block_records",
    "cancel_stream",
    "control_record",
    "describe_stream",
    "ensure_stream",
    "forward",
    "list_streams",
    "start_stream",
]
