"""A console in a process of its own, as users run it, and a client that speaks to it as a browser does."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Console:
    """A running console; `address` is what it printed, `cookie` what a browser has got for it."""

    process: subprocess.Popen
    address: str
    cookie: str = field(default="")

    @property
    def port(self) -> int:
        return int(urlsplit(self.address).port or 0)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return f"http://{self.host}/"

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.address).query)["token"][0]

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
        seconds: float = 60,
    ) -> Answer:
        """Send one request, with the cookie; a header that is None is left out, one that is given comes instead."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        named = {"Content-Type": None if body is None else "application/json", "Content-Length": str(len(data or b""))}
        with self._begun(method, path, named | dict(headers or {}), seconds) as connection:
            connection.endheaders(data)
            return _answer(connection)

    @contextmanager
    def asking(self, method: str, path: str, body: Any) -> Iterator[Callable[[], Answer]]:
        """Send one request, go on once the console has begun to read it, and give what waits for its answer."""
        data = json.dumps(body).encode()
        named = {"Content-Type": "application/json", "Content-Length": str(len(data)), "Expect": "100-continue"}
        with self._begun(method, path, named) as connection:
            connection.endheaders()
            told = b""
            while not told.endswith(b"\r\n\r\n"):
                told += connection.sock.recv(1)
            assert told.startswith(b"HTTP/1.1 100 "), told
            connection.send(data)
            yield lambda: _answer(connection)

    @contextmanager
    def _begun(
        self, method: str, path: str, headers: Mapping[str, str | None], seconds: float = 60
    ) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": self.host, "Cookie": self.cookie, **headers}.items():
                if value:
                    connection.putheader(name, value)
            yield connection
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """Ask what must be answered."""
        return _result(self.send("GET", path))

    def post(self, path: str, body: Any) -> Any:
        """Ask what must be answered."""
        return _result(self.send("POST", path, body))

    def sign_in(self) -> None:
        entered = self.send("GET", f"/?token={self.token}", headers={"Cookie": None})
        self.cookie = entered.headers["Set-Cookie"].partition(";")[0]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop it, and return its exit code and what it complained of."""
        self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=60)
        return self.process.returncode, complaints


def _answer(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    return Answer(response.status, response.headers, response.read())


def _result(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    return answer.json


def start(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    python: str | Path = sys.executable,
    folder: Path | None = None,
) -> Console:
    """Start a console on a free port and return it once it listens."""
    process = subprocess.Popen(
        [python, "-m", "ledger", "console", "--port", "0", *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {}), "PYTHONWARNINGS": "error"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline()
    if not first.startswith("console on http://127.0.0.1:"):
        raise AssertionError(f"the console did not start: {first}{process.communicate()[1]}")
    return Console(process, first.split()[-1])


@contextmanager
def running(*arguments: str, **options: Any) -> Iterator[Console]:
    """Start a console, sign in, and at the end stop it and see that it had nothing to complain of."""
    console = start("--no-browser", *arguments, **options)
    try:
        console.sign_in()
        yield console
    finally:
        code, complaints = console.stop()
    assert (code, complaints) == (0, "")
