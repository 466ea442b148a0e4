"""The local cloud: one ministack on the loopback address, started and stopped with the block that uses it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from local import environment, paths
from local.errors import LocalError

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 15


@dataclass(frozen=True)
class Cloud:
    """A running local cloud.

    `endpoint_url` takes every AWS call; `log` is where the cloud writes; `directory` is its own folder.
    """

    port: int
    log: Path
    directory: Path

    @property
    def endpoint_url(self) -> str:
        """The URL for `AWS_ENDPOINT_URL`, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return a whole environment for a subprocess: the caller's, with every AWS setting replaced by the cloud's."""
        return environment.for_endpoint(self.endpoint_url)

    def client_options(self) -> dict[str, str]:
        """Return keyword arguments for `boto3.client(service, **options)`."""
        return {
            "endpoint_url": self.endpoint_url,
            "region_name": environment.REGION,
            "aws_access_key_id": environment.ACCOUNT,
            "aws_secret_access_key": environment.SECRET,
        }


@contextmanager
def running_cloud(port: int | None = None, state: Path | None = None, *, auth: bool = False) -> Iterator[Cloud]:
    """Start a local cloud and yield it when it answers; stop it, and every process it started, at the end.

    It listens on 127.0.0.1 only: on `port`, or on a free one if None. Its files lie in `state`, which is kept; without
    it, in a temporary folder that is removed. With `auth`, signatures are checked and IAM policies are evaluated.
    Raises LocalError when the port is taken, the cloud is not installed or does not answer.
    """
    with _directory(state) as directory:
        cloud = Cloud(port or free_port(), directory / "cloud.log", directory)
        process = _start(cloud, auth=auth)
        try:
            _wait_until_healthy(cloud, process)
            yield cloud
        finally:
            _stop(process)


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on now."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def require_free(port: int) -> None:
    """Raise LocalError if something listens on `port` already, or may not listen there."""
    try:
        socket.create_server((HOST, port)).close()
    except PermissionError:
        message = f"port {port} needs rights that you do not have; choose one above 1023: make run PORT=4567"
        raise LocalError(message) from None
    except OSError:
        message = f"port {port} is in use; stop what listens there, or choose another: make run PORT={free_port()}"
        raise LocalError(message) from None


@contextmanager
def _directory(state: Path | None) -> Iterator[Path]:
    directory = state or Path(tempfile.mkdtemp(prefix="local-cloud-"))
    directory.mkdir(parents=True, exist_ok=True)
    try:
        yield directory
    finally:
        if state is None:
            shutil.rmtree(directory, ignore_errors=True)


def _start(cloud: Cloud, *, auth: bool) -> subprocess.Popen[bytes]:
    require_free(cloud.port)
    python = paths.python(paths.CLOUD_VENV)
    if not python.exists():
        raise LocalError(f"the local cloud is not installed in {paths.CLOUD_VENV}; run: make setup")
    scratch = cloud.directory / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    with cloud.log.open("wb") as log:
        return subprocess.Popen(
            [python, "-P", paths.ROOT / "local" / "guarded.py"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=cloud.directory,
            env=_settings(cloud, scratch, auth=auth),
            start_new_session=True,
        )


def _settings(cloud: Cloud, scratch: Path, *, auth: bool) -> dict[str, str]:
    return environment.base() | {
        "GATEWAY_PORT": str(cloud.port),
        "BIND_HOST": HOST,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": str(auth).lower(),
        "MINISTACK_ACCOUNT_ID": environment.ACCOUNT,
        "MINISTACK_REGION": environment.REGION,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "STATE_DIR": str(cloud.directory / "state"),
        "S3_DATA_DIR": str(cloud.directory / "s3"),
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_healthy(cloud: Cloud, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(cloud):
        if process.poll() is not None:
            raise LocalError(f"the local cloud ended with code {process.returncode} while starting; see {cloud.log}")
        if time.monotonic() > deadline:
            raise LocalError(f"the local cloud did not answer within {START_SECONDS} s; see {cloud.log}")
        time.sleep(0.05)


def _is_healthy(cloud: Cloud) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{cloud.endpoint_url}/_ministack/health", timeout=5) as answer:
            return "services" in json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
