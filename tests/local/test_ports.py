import socket
import threading

import pytest

from local.errors import LocalError
from local.ports import HOST, free_port, require_free


def test_port_that_was_given_is_given_to_nobody_else_before_its_server_listens():
    given = [free_port() for _ in range(300)]
    assert len(set(given)) == len(given)
    with socket.create_server((HOST, 0)) as server:
        assert server.getsockname()[1] not in given
    require_free(given[0], patience_seconds=0)


def test_port_that_something_listens_on_is_refused_with_its_number_and_a_port_that_is_free():
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LocalError, match=f"port {port} is in use.*make run PORT=") as caught:
            require_free(port, patience_seconds=0)
    suggested = int(str(caught.value).rpartition("=")[2])
    assert suggested != port
    require_free(suggested, patience_seconds=0)


def test_port_that_is_taken_on_every_address_is_refused_too():
    with (
        socket.create_server(("0.0.0.0", 0)) as server,
        pytest.raises(LocalError, match="in use"),
    ):
        require_free(server.getsockname()[1], patience_seconds=0)


def test_port_that_becomes_free_while_waiting_is_accepted():
    server = socket.create_server((HOST, 0))
    port = server.getsockname()[1]
    threading.Timer(0.2, server.close).start()
    require_free(port, patience_seconds=60)
