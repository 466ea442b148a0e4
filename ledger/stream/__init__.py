"""Streaming the journal to Kinesis as QLDB did: jobs, what they publish, and the forwarder that does the work.

QLDB guide, "Streaming journal data".
"""

from ledger.stream.records import Record, block_records, control_record

__all__ = ["Record", "block_records", "control_record"]
