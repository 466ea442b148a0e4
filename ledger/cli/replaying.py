"""A replay: the journal of a time, published in batches, and how far it has come."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from ledger.audit.finding import Progress
from ledger.ids import new_id
from ledger.journal.cell import read_tip
from ledger.journal.revision import BlockAddress
from ledger.settings import Settings
from ledger.store import Store, StoreError
from ledger.strand import block_key, first_sequence_no
from ledger.stream import list_streams
from ledger.stream.chunks import chunks
from ledger.stream.kinesis import KinesisPublisher
from ledger.stream.reading import JournalReader


class Replay:
    """A replay of the blocks with `start <= blockTimestamp < end`.

    Attributes:
        blocks, records: what Kinesis has acknowledged.
    """

    def __init__(self, store: Store, ledger: Settings, start: datetime, end: datetime) -> None:
        """Find the blocks.

        Raises:
            StoreError: the journal cannot be read.
        """
        self._store, self._ledger, self._start, self._end = store, ledger, start, end
        self._done: Mapping[str, int] = {
            strand_id: first_sequence_no(store, strand_id, start) for strand_id in ledger.strands
        }
        self._stop = {strand_id: first_sequence_no(store, strand_id, end) for strand_id in ledger.strands}
        self.blocks = self.records = 0

    def run(self, client: Any, kinesis_arn: str, *, aggregated: bool, progress: Progress) -> None:
        """Publish all to a Kinesis data stream.

        Raises:
            ImpairedError, NotAcknowledgedError, ClientError: Kinesis does not take the records.
            StoreError: the journal cannot be read.
        """
        publisher = KinesisPublisher(client, kinesis_arn, aggregated=aggregated)
        reader = JournalReader(self._store, self._done, start=self._start, end=self._end)
        total = sum(max(0, self._stop[strand_id] - first) for strand_id, first in self._done.items())
        for chunk in chunks(reader, self._stream_arn(kinesis_arn)):
            publisher.publish(chunk.records)
            self._done = chunk.cursor
            self.blocks, self.records = self.blocks + chunk.blocks, self.records + len(chunk.records)
            progress("blocks", self.blocks, total)

    def position(self) -> datetime:
        """Return a time so that all older blocks are published; those since then can be replayed again."""
        with suppress(StoreError):
            return min(self._times_left(), default=self._end)
        return self._start

    def _times_left(self) -> Iterator[datetime]:
        """Give the time of each strand's first block that may not be published."""
        left = [BlockAddress(strand_id, first) for strand_id, first in self._done.items()]
        keys = [block_key(address) for address in left if address.sequence_no < self._stop[address.strand_id]]
        cells = self._store.get(keys)
        return (read_tip(cell.data).timestamp for cell in cells.values())

    def _stream_arn(self, kinesis_arn: str) -> str:
        """Return the ARN of the live stream that goes there, or else a new one."""
        for stream in list_streams(self._store):
            if stream.status.is_live and stream.request.kinesis_arn == kinesis_arn:
                return stream.arn
        _, partition, _, region, account, _ = kinesis_arn.split(":", 5)
        return f"arn:{partition}:qldb:{region}:{account}:stream/{self._ledger.name}/{new_id()}"
