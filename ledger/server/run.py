"""Running the server: its socket, its signals, and how it comes to an end."""

import os
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn

from ledger.limits import DEFAULT_LIMITS, Limits
from ledger.server import clients
from ledger.server.app import application
from ledger.server.control import ControlPlane
from ledger.server.deliveries import Deliveries
from ledger.server.names import Account
from ledger.server.reception import Bounds, Received, Reception
from ledger.server.registry import Registry
from ledger.server.stores import Stores
from ledger.session.service import SessionService
from ledger.store import Unusable

_KEEP_ALIVE_SECONDS = 120
_LAST_SECONDS = 40


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, on a free port if `port` is 0.

    Raises:
        Unusable: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio turns Nagle's algorithm off; without, each answer would wait 40 ms for an ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except (OSError, OverflowError) as error:
        listening.close()
        raise Unusable(f"cannot listen on {host} port {port}: {error}; choose another") from None
    return listening


def serve(
    stores: Stores,
    listening: socket.socket,
    ready: Callable[[], None],
    *,
    account: Account = Account(),  # noqa: B008 - it cannot change
    limits: Limits = DEFAULT_LIMITS,
    extensions: bool = False,
    bounds: Bounds = Bounds(),  # noqa: B008 - it cannot change
    check: Callable[[Received], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, finish what is under way, and return. The process is good for nothing else then.

    Args:
        ready: is called when connections are taken and signals end the server in good order.
        extensions: whether queries may have what QLDB did not, as `Ledger` takes it.
        check: raises an error for a request that is not to be carried out.

    Raises:
        StoreError: the place of the ledgers cannot be used.
    """
    deliveries = Deliveries(clients.kinesis)
    registry = Registry(stores, limits, extensions=extensions, deliveries=deliveries)
    service = SessionService(registry.open)
    reception = Reception(bounds, check)
    control = ControlPlane(registry, deliveries, account, service.end_sessions)
    config = uvicorn.Config(
        application(service, control, reception),
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    server = uvicorn.Server(config)
    # uvicorn takes these signals while it serves; so does it here for the moments before and after.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    try:
        stores.names()  # a place that cannot be used is better known now than at the first request
        ready()
        registry.resume()
        server.run(sockets=[listening])
    finally:
        done = reception.close()
        deliveries.close()
        registry.close()
        if not done:
            print("error: a statement did not end in time and was given up", file=sys.stderr, flush=True)  # noqa: T201
            os._exit(1)
