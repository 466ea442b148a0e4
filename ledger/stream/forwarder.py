"""The forwarder: it publishes what the journal has got since the stream's checkpoint, then moves the checkpoint.

Whatever wakes it, it reads the journal, so that nothing is lost with a wake-up. What a killed forwarder had published
and not yet noted is published again by the next one: at least once, and in order still, since every forwarder has each
record acknowledged before it sends the next one of its partition key. That holds for two at once, too; so nothing rests
on the lease, which only spares work.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple, Protocol

from ledger import clock as clocks
from ledger.clock import Clock
from ledger.settings import Settings
from ledger.store.base import Conflict, Store, StoreError
from ledger.strand import SETTLING, first_sequence_no
from ledger.stream.checkpoint import Checkpoint
from ledger.stream.chunks import Chunk, chunks
from ledger.stream.description import Status
from ledger.stream.reading import JournalReader
from ledger.stream.records import Record, control_record
from ledger.stream.refusals import ImpairedError

MOVED_EVERY = timedelta(seconds=1)
MOST_TOO_LARGE = 20


class Publisher(Protocol):
    """What records are published by, such as `ledger.stream.kinesis.KinesisPublisher`."""

    def publish(self, records: Iterable[Record]) -> None:
        """Send records, and return when all are acknowledged; those of one partition key MUST get in in order."""


class Forwarded(NamedTuple):
    """What one run has done.

    Attributes:
        caught_up: whether all that was in the journal is in Kinesis. If not, time was up, or another forwarder is at
            work on the rest.
        lag: how old the oldest of the blocks was when it was in Kinesis, the longest of the run; `None` without blocks.
        too_large: the blocks with a record over Kinesis' limit; see `ledger.stream.fitting`.
    """

    blocks: int = 0
    records: int = 0
    caught_up: bool = False
    lag: timedelta | None = None
    too_large: int = 0


def forward(
    store: Store,
    settings: Settings,
    stream_id: str,
    publisher: Publisher,
    *,
    until: datetime,
    clock: Clock = clocks.now,
) -> Forwarded:
    """Publish what a stream's journal has got, until there is no more or time is up.

    If another forwarder is at work on the stream, it returns at once; that one looks again after it has let go.

    Args:
        until: when to stop; what is being sent then is finished.

    Raises:
        StreamNotFoundError: there is no such stream.
        ImpairedError: Kinesis takes no record until somebody puts something right; the stream is impaired till then.
        NotAcknowledgedError, ClientError, StoreError: Kinesis or the store fails. The next run goes on.
        Corrupt: the journal is damaged. What is before the damage is published.
    """
    checkpoint = Checkpoint(store, stream_id, clock)
    run = _Run(store, settings, checkpoint, publisher, until=until, clock=clock)
    while run.look():
        pass
    return run.done


class _Run:
    def __init__(
        self,
        store: Store,
        settings: Settings,
        checkpoint: Checkpoint,
        publisher: Publisher,
        *,
        until: datetime,
        clock: Clock,
    ) -> None:
        self._store, self._settings, self._publisher = store, settings, publisher
        self._checkpoint, self._until, self._clock = checkpoint, until, clock
        self._cursor: Mapping[str, int] = {}
        self._noted: dict[str, Any] = {}
        self.done = Forwarded()

    def look(self) -> bool:
        """Publish what is there; tell whether to look again.

        A wake-up may meet our lease and go away just after we have read for the last time. So after letting go we look
        once more, and are done only if there is nothing then.
        """
        self._checkpoint.load()
        if not self._checkpoint.job.description.status.is_live:
            self.done = self.done._replace(caught_up=True)
            return False
        if self._clock() >= self._until or not self._checkpoint.is_free():
            return False
        try:
            if not self._checkpoint.job.cursor:
                self._begin()
            return self._publish_news()
        except Conflict:
            return True  # canceled, given other settings, or taken over: the cell tells

    def _begin(self) -> None:
        description = self._checkpoint.job.description
        start, created = description.request.start, self._settings.created
        with self._holding():
            self._publish([control_record(description.arn, "CREATED")])
            self._cursor = {
                strand_id: first_sequence_no(self._store, strand_id, start) if start > created else 0
                for strand_id in self._settings.strands
            }

    def _publish_news(self) -> bool:
        description, looked = self._checkpoint.job.description, self._clock()
        start, end = description.request.start, description.request.end
        reader = JournalReader(self._store, self._checkpoint.job.cursor, start=start, end=end)
        news = chunks(reader, description.arn)
        first = next(news, None)
        if first:
            with self._holding():
                return self._publish_all(first, news)
        # No block from before the end can come any more once its commit cannot be under way any more.
        if end and (reader.has_ended or looked >= end + SETTLING):
            with self._holding():
                self._publish([control_record(description.arn, "COMPLETED")])
            self._checkpoint.complete()
        self.done = self.done._replace(caught_up=True)
        return False

    def _publish_all(self, first: Chunk, news: Iterator[Chunk]) -> bool:
        for chunk in chain([first], news):
            self._publish(chunk.records)
            self._count(chunk)
            now = self._clock()
            if now >= self._until:
                return False
            if now - self._checkpoint.moved >= MOVED_EVERY:
                self._move()
        return True

    def _publish(self, records: Iterable[Record]) -> None:
        self._publisher.publish(records)
        self._noted |= {"status": Status.ACTIVE, "error_cause": None}

    def _count(self, chunk: Chunk) -> None:
        self._cursor = chunk.cursor
        if chunk.too_large:
            known = self._noted.get("too_large", self._checkpoint.job.description.too_large)
            self._noted["too_large"] = (*known, *chunk.too_large)[-MOST_TOO_LARGE:]
        done, lag = self.done, max(self._clock() - chunk.oldest, timedelta())
        self.done = done._replace(
            blocks=done.blocks + chunk.blocks,
            records=done.records + len(chunk.records),
            lag=max(lag, done.lag or lag),
            too_large=done.too_large + len(chunk.too_large),
        )

    @contextmanager
    def _holding(self) -> Iterator[None]:
        """Hold the lease; let go of it whatever happens, with what is published by then."""
        self._cursor, self._noted = self._checkpoint.job.cursor, {}
        self._move()
        try:
            yield
        except Exception as error:
            if isinstance(error, ImpairedError):
                self._noted |= {"status": Status.IMPAIRED, "error_cause": error.cause}
            with suppress(StoreError):
                self._move(release=True)
            raise
        self._move(release=True)

    def _move(self, *, release: bool = False) -> None:
        self._checkpoint.move(self._cursor, release=release, **self._noted)
        self._noted = {}
