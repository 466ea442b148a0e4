"""Running the console: its socket, its token, its signals."""

import secrets
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from ledger.console.api import Api
from ledger.console.app import application
from ledger.console.evidence import Evidence
from ledger.console.ledgers import Ledgers
from ledger.console.runs import Runs

_LAST_SECONDS = 20


def serve(
    ledgers: Ledgers,
    listening: socket.socket,
    ready: Callable[[str], None],
    kept: Evidence,
) -> None:
    """Serve until SIGTERM or SIGINT, and return.

    Args:
        listening: a socket on the loopback address.
        ready: is called with the address to open, which lets in whoever has it.
        kept: the evidence that stands outside the ledgers.

    Raises:
        StoreError: the place of the ledgers cannot be used.
    """
    runs = Runs(writable=ledgers.is_writable)
    token, port = secrets.token_urlsafe(32), listening.getsockname()[1]
    config = uvicorn.Config(
        application(Api(ledgers, runs, kept), token, port),
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    server = _Server(config, runs)
    # uvicorn takes these signals while it serves; so does it here for the moments before and after.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    try:
        list(ledgers.all())  # a place that cannot be used is better known now than at the first request
        ready(f"http://127.0.0.1:{port}/?token={token}")
        server.run(sockets=[listening])
    finally:
        ledgers.close()


class _Server(uvicorn.Server):
    """A server that does not wait for statements when it is to end."""

    def __init__(self, config: uvicorn.Config, runs: Runs) -> None:
        super().__init__(config)
        self._runs = runs

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._runs.stop_all()
        super().handle_exit(sig, frame)
