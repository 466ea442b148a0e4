"""A gate before Kinesis, so that what publishes there is sure to be under way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_SECONDS = 60
_OF_THE_CONNECTION = {"connection", "transfer-encoding", "content-length"}


class Gate(ThreadingHTTPServer):
    """An endpoint that hands every call on to another; writes of records after the first wait until it is opened."""

    def __init__(self, endpoint_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind = urlsplit(endpoint_url).netloc
        self.first = threading.Lock()
        self._reached, self._opened = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def wait_until_reached(self) -> None:
        """Return once a write is held."""
        assert self._reached.wait(_SECONDS), f"no second write came within {_SECONDS} s"

    def open(self) -> None:
        """Let through what is held, and all that comes."""
        self._opened.set()

    def hold(self) -> None:
        self._reached.set()
        self._opened.wait()


class _Passing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["X-Amz-Target"].endswith(".PutRecords") and not self.server.first.acquire(blocking=False):
            self.server.hold()
        connection = HTTPConnection(self.server.behind, timeout=_SECONDS)
        connection.request("POST", self.path, body, dict(self.headers))
        answer = connection.getresponse()
        with suppress(ConnectionError):  # the caller may have gone while it was held
            self._hand_back(answer.status, answer.getheaders(), answer.read())
        connection.close()

    def _hand_back(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _OF_THE_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def gate_before(endpoint_url: str) -> Iterator[Gate]:
    """Keep a gate before an endpoint."""
    with Gate(endpoint_url) as gate:
        thread = threading.Thread(target=gate.serve_forever)
        thread.start()
        try:
            yield gate
        finally:
            gate.open()
            gate.shutdown()
            thread.join()
