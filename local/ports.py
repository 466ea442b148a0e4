"""Ports of the loopback address, the only one that anything here listens on."""

import socket
import time

from local.errors import LocalError

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def require_free(port: int, *, patience_seconds: float = 2) -> None:
    """Raise LocalError if something listens on `port` and still does after `patience_seconds`, or nothing of yours may.

    The patience is for the local cloud of a run that was killed a moment ago.
    """
    deadline = time.monotonic() + patience_seconds
    while not _is_free(port):
        if time.monotonic() > deadline:
            raise LocalError(
                f"port {port} is in use; stop what listens there, or choose another: make run PORT={free_port()}"
            )
        time.sleep(0.05)


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except PermissionError:
        message = f"port {port} needs rights that you do not have; choose one above 1023: make run PORT=4567"
        raise LocalError(message) from None
    except OSError:
        return False
    return True
