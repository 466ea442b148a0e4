"""Delivering journal streams to Kinesis: a thread for each live stream of the ledgers that a server has open."""

import threading
import time

from ledger.ledger import Ledger
from ledger.server.clients import NewClient
from ledger.server.delivery import Delivery
from ledger.stream import StreamDescription, list_streams

_LAST_SECONDS = 5.0


class Deliveries:
    """The threads of a server. Safe to use from several threads."""

    def __init__(self, kinesis: NewClient) -> None:
        """Deliver nothing yet.

        Args:
            kinesis: gives a client for Kinesis.
        """
        self._kinesis = kinesis
        self._running: dict[str, Delivery] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    def resume(self, ledger: Ledger) -> None:
        """Deliver all live streams of a ledger, each from where it was left.

        Raises:
            StoreError: they cannot be listed.
        """
        for stream in list_streams(ledger.store):
            self.deliver(ledger, stream)

    def deliver(self, ledger: Ledger, stream: StreamDescription) -> None:
        """Deliver a stream from now on, unless it has ended or is being delivered."""
        # Only clients of this API name a role. A stream without one is that of a deployed forwarder, with rights that
        # this process may not have.
        if not stream.status.is_live or not stream.request.role_arn:
            return
        with self._lock:
            if self._is_closed or stream.stream_id in self._running:
                return
            delivery = Delivery(ledger, stream, self._kinesis, self._forget)
            self._running[stream.stream_id] = delivery
            delivery.start()

    def wake(self, ledger_name: str) -> None:
        """Say that there is something new in the journal of a ledger."""
        for delivery in self._of(ledger_name):
            delivery.wake()

    def end(self, ledger_name: str) -> None:
        """Stop delivering what is of a ledger that is being deleted, and wait for the end."""
        _stop(self._of(ledger_name))

    def close(self) -> None:
        """Stop all; each finishes the batch that it is at, so that its checkpoint is where its records are."""
        with self._lock:
            self._is_closed = True
            running = list(self._running.values())
        _stop(running)

    def _of(self, ledger_name: str) -> list[Delivery]:
        with self._lock:
            return [delivery for delivery in self._running.values() if delivery.ledger_name == ledger_name]

    def _forget(self, stream_id: str) -> None:
        with self._lock:
            self._running.pop(stream_id, None)


def _stop(deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        delivery.stop()
    deadline = time.monotonic() + _LAST_SECONDS
    for delivery in deliveries:
        delivery.join(max(0.0, deadline - time.monotonic()))
