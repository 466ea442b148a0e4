"""Ports of the loopback address, the only one that anything here listens on."""

import socket
import time

from local.errors import LocalError

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port that nothing listens on now, and that nobody else who asks for any port is given for a minute.

    A connection that the port's side has closed keeps it for so long from being given away; a server that asks for this
    very port may listen on it (SO_REUSEADDR, as all servers set it).
    """
    with socket.create_server((HOST, 0)) as server, socket.create_connection(server.getsockname()):
        accepted, _ = server.accept()
        accepted.close()
        return int(server.getsockname()[1])


def require_free(port: int, *, patience_seconds: float = 2, variable: str = "PORT") -> None:
    """Raise LocalError if something listens on `port` and still does after `patience_seconds`, or nothing of yours may.

    `variable` is the one of `make run` that chooses it.

    The patience is for the local cloud of a run that was killed a moment ago.
    """
    deadline = time.monotonic() + patience_seconds
    while not is_free(port, variable):
        if time.monotonic() > deadline:
            raise LocalError(
                f"port {port} is in use; stop what listens there, or choose another: make run {variable}={free_port()}"
            )
        time.sleep(0.05)


def is_free(port: int, variable: str = "PORT") -> bool:
    """Tell whether nothing listens on `port`; raise LocalError if nothing of yours may."""
    try:
        socket.create_server((HOST, port)).close()
    except PermissionError:
        message = (
            f"port {port} needs rights that you do not have; choose one above 1023: make run {variable}={free_port()}"
        )
        raise LocalError(message) from None
    except OSError:
        return False
    return True
