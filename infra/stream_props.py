"""What a journal stream can be asked for. The functions here raise PropError naming the prop that cannot work."""

import re
from datetime import datetime

from constructs import Construct

from .errors import PropError
from .ledger import LedgerBase

_NAME = r"(?!.*--)(?![0-9]+$)(?!-)(?!.*-$)[A-Za-z0-9-]{1,32}"


def claimed_name(ledger: LedgerBase, name: str | None) -> str:
    """Return `name`, or one made of the ledger's, and keep it from other streams: one name is one checkpoint."""
    chosen = name if name is not None else f"{ledger.ledger_name[:20].rstrip('-')}-qldb-stream"
    if not re.fullmatch(_NAME, chosen):
        raise PropError(f"stream_name is {chosen!r}; give 1 to 32 letters, digits and single hyphens, not only digits")
    if ledger.node.try_find_child(mark := f"Stream:{chosen}"):
        raise PropError(f"stream_name is {chosen!r}, which another stream of this ledger has; give each its own")
    Construct(ledger, mark)
    return chosen


def table_stream_arn(ledger: LedgerBase) -> str:
    """Return the change stream of the ledger's table."""
    if not ledger.table.table_stream_arn:
        raise PropError(
            "ledger has a table without a change stream; import the table with its table_stream_arn "
            "(dynamodb.Table.from_table_attributes), and turn the stream on if it is off"
        )
    return ledger.table.table_stream_arn


def time_variables(start: datetime | None, end: datetime | None) -> dict[str, str]:
    """Return the variables that tell the forwarder which blocks to publish."""
    times = {"inclusive_start_time": start, "exclusive_end_time": end}
    given = {prop: time for prop, time in times.items() if time is not None}
    for prop, time in given.items():
        if time.tzinfo is None:
            raise PropError(f"{prop} is {time.isoformat()}, which has no time zone; give one, such as UTC")
    if start and end and start >= end:
        raise PropError(f"exclusive_end_time is {end.isoformat()}; it must be after {start.isoformat()}, the start")
    return {prop.upper(): time.isoformat() for prop, time in given.items()}
