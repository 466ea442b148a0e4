"""How far a stream has come, kept in its cell, and the lease of whoever moves it on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ledger.clock import Clock
from ledger.ids import new_id
from ledger.store.base import Store
from ledger.stream.description import Status
from ledger.stream.job import Job, Lease, end_job, load_job, save_job

LEASE = timedelta(seconds=30)
"""How long a forwarder that says nothing any more is waited for."""


class Checkpoint:
    """One forwarder's hold on a stream.

    Attributes:
        job: the stream as its cell was read or written last.
        moved: when we last wrote it.
    """

    def __init__(self, store: Store, stream_id: str, clock: Clock) -> None:
        """Read the stream's cell.

        Raises:
            StreamNotFoundError: there is no such stream.
        """
        self._store, self._stream_id, self._clock = store, stream_id, clock
        self._holder = new_id()
        self.moved = clock()
        self.load()

    def load(self) -> None:
        """Read the stream's cell anew."""
        self.job, self._version = load_job(self._store, self._stream_id)

    def is_free(self) -> bool:
        """Tell whether nobody else is at work on the stream."""
        lease = self.job.lease
        return lease is None or lease.holder == self._holder or lease.until <= self._clock()

    def move(self, cursor: Mapping[str, int], *, release: bool = False, **changes: Any) -> None:
        """Move the cursor, with changes of the description, and renew the lease or let it go.

        What is before the cursor MUST be in Kinesis: a forwarder that is killed after this never sends it again.

        Raises:
            Conflict: the cell has changed since it was read: another forwarder moves it, or the stream was canceled.
        """
        now = self._clock()
        lease = None if release else Lease(self._holder, now + LEASE)
        job = Job(self.job.description._replace(**changes), cursor, lease)
        save_job(self._store, job, self._version)
        self.job, self._version, self.moved = job, self._version + 1, now

    def complete(self) -> None:
        """Note that the stream has ended.

        Raises:
            Conflict: the cell has changed since it was read.
        """
        end_job(self._store, self.job, self._version, Status.COMPLETED, self._clock())
