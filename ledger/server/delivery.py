"""Delivering one journal stream: a thread that forwards what the journal has, and waits for more."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from ledger import clock
from ledger.ledger import Ledger
from ledger.server.clients import NewClient
from ledger.store import StoreError, Unusable
from ledger.stream import StreamDescription, StreamError, StreamNotFoundError, describe_stream, forward
from ledger.stream.kinesis import KinesisPublisher

_LOG = logging.getLogger(__name__)

_TURN = timedelta(seconds=2)
"""How long the thread forwards before it looks whether it is to stop."""

_PAUSE_SECONDS = 1.0
"""How long commits of other processes may go unnoticed, and how long failures rest; own commits wake the thread."""


class Delivery(threading.Thread):
    """The delivery of a stream, until the stream ends or the delivery is stopped."""

    def __init__(
        self, ledger: Ledger, stream: StreamDescription, kinesis: NewClient, on_end: Callable[[str], None]
    ) -> None:
        """Do nothing before `start`.

        Args:
            on_end: is told the stream's id when it is not delivered any more.
        """
        # A daemon: the stream goes on at its checkpoint, so a server may end without waiting for this thread.
        super().__init__(name=f"stream {stream.stream_id}", daemon=True)
        self.ledger_name = ledger.name
        self._ledger, self._stream, self._kinesis, self._on_end = ledger, stream, kinesis, on_end
        self._woken, self._stopped = threading.Event(), threading.Event()
        self._complaint = ""

    def wake(self) -> None:
        """Say that there may be something new."""
        self._woken.set()

    def stop(self) -> None:
        """Have the thread end once its turn is over."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        """Deliver, until that is over or a retry cannot help."""
        try:
            request = self._stream.request
            publisher = KinesisPublisher(self._kinesis(), request.kinesis_arn, aggregated=request.aggregated)
            # A stream that is not found has gone with its ledger.
            with suppress(StreamNotFoundError):
                while not self._stopped.is_set() and self._turn(publisher):
                    pass
        except (BotoCoreError, Unusable) as error:
            self._complain(error)
        finally:
            self._on_end(self._stream.stream_id)

    def _turn(self, publisher: KinesisPublisher) -> bool:
        """Forward for a while, then wait for more unless there is more already; tell whether the stream is live."""
        self._woken.clear()
        store, stream_id = self._ledger.store, self._stream.stream_id
        try:
            if not describe_stream(store, stream_id).status.is_live:
                return False
            done = forward(store, self._ledger.settings, stream_id, publisher, until=clock.now() + _TURN)
        except (StreamNotFoundError, Unusable):
            raise
        except (StreamError, ClientError, StoreError) as error:
            self._complain(error)
            self._stopped.wait(_PAUSE_SECONDS)
            return True
        self._complaint = ""
        if done.caught_up or not done.blocks:
            self._woken.wait(_PAUSE_SECONDS)
        return True

    def _complain(self, error: Exception) -> None:
        """Log what is wrong, once as long as it stays the same."""
        if str(error) != self._complaint and not self._stopped.is_set():
            self._complaint = str(error)
            _LOG.warning("stream %s of ledger %s: %s", self._stream.stream_id, self.ledger_name, error)
