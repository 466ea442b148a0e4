"""A gate before Kinesis and S3, so that what writes there is sure to be under way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_SECONDS = 60
_OF_THE_CONNECTION = {"connection", "transfer-encoding", "content-length"}


class Gate(ThreadingHTTPServer):
    """An endpoint that hands every call on to another; writes after the first ones wait until it is opened.

    Writes are those of records into Kinesis, and of objects into S3.
    """

    def __init__(self, endpoint_url: str, passing: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind = urlsplit(endpoint_url).netloc
        self.first = threading.Semaphore(passing)
        self._reached, self._opened = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def wait_until_reached(self) -> None:
        """Return once a write is held."""
        assert self._reached.wait(_SECONDS), f"no write had to wait within {_SECONDS} s"

    def open(self) -> None:
        """Let through what is held, and all that comes."""
        self._opened.set()

    def hold(self) -> None:
        self._reached.set()
        self._opened.wait()


class _Passing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self._pass(is_write=self.headers.get("X-Amz-Target", "").endswith(".PutRecords"))

    def do_PUT(self) -> None:
        self._pass(is_write=True)

    def _pass(self, *, is_write: bool) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if is_write and not self.server.first.acquire(blocking=False):
            self.server.hold()
        connection = HTTPConnection(self.server.behind, timeout=_SECONDS)
        connection.request(self.command, self.path, body, dict(self.headers))
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
def gate_before(endpoint_url: str, *, passing: int = 1) -> Iterator[Gate]:
    """Keep a gate before an endpoint that lets so many writes pass."""
    with Gate(endpoint_url, passing) as gate:
        thread = threading.Thread(target=gate.serve_forever)
        thread.start()
        try:
            yield gate
        finally:
            gate.open()
            gate.shutdown()
            thread.join()
