"""A server in a process of its own, as users run it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import boto3.session
import pytest
from botocore.config import Config

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Server:
    """A running server; `environment` is all that a program needs to find it."""

    process: subprocess.Popen
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def environment(self) -> dict[str, str]:
        return {**SETTINGS, "AWS_ENDPOINT_URL_QLDB": self.url, "AWS_ENDPOINT_URL_QLDB_SESSION": self.url}

    def session(self, **credentials):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", **credentials}
        return boto3.session.Session(region_name="us-east-1", **keys)

    def client(self, service="qldb", **credentials):
        config = Config(retries={"total_max_attempts": 1})
        return self.session(**credentials).client(service, endpoint_url=self.url, config=config)

    def stop(self, number=signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ledger", "serve", *arguments]


def start(*arguments: str, environment: Mapping[str, str] | None = None) -> Server:
    """Start a server on a free port and return it once it listens."""
    process = subprocess.Popen(
        command("--port", "0", *arguments),
        env={**os.environ, **(environment or {}), "PYTHONWARNINGS": "error"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline()
    if not first.startswith("serving QLDB on http://"):
        raise AssertionError(f"the server did not start: {first}{process.communicate()[1]}")
    return Server(process, first.split()[-1])


@contextmanager
def running(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a server, and at the end stop it and see that it had nothing to complain of."""
    server = start(*arguments, environment=environment)
    try:
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        _, complaints = server.process.communicate(timeout=60)
    assert complaints == ""
    assert server.process.returncode == 0


def refuses_connections(port: int) -> bool:
    """Tell whether a server has left its port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=60).close()
    except ConnectionRefusedError:
        return True
    return False


def wait_until(condition: Callable[[], object], seconds: int = 60) -> None:
    """Look every now and then whether something has come true."""
    for _ in range(seconds * 20):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"did not come true in {seconds} seconds")
