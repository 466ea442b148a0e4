"""The local cloud: one ministack on the loopback address, started and stopped with the block that uses it."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from local import environment, node, paths
from local.errors import LocalError
from local.ports import HOST, free_port, require_free
from local.stamps import digest
from local.state import State

START_SECONDS = 180
STOP_SECONDS = 40
_PREDECESSOR_SECONDS = 3
_LOG = "cloud.log"


@dataclass(frozen=True)
class Cloud:
    """A running local cloud.

    `endpoint_url` takes every AWS call; `directory` is its own folder, `log` is where it writes; `state` is what it
    keeps for the next run.
    """

    port: int
    directory: Path
    state: State
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def endpoint_url(self) -> str:
        """The URL for `AWS_ENDPOINT_URL`, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """The file that the cloud, but not its functions, writes to."""
        return self.directory / _LOG

    def wait(self) -> NoReturn:
        """Stay as long as the cloud runs; it never ends by itself, so raise LocalError when it does."""
        code = self.process.wait()
        raise LocalError(f"the local cloud ended by itself with code {code}; see {self.log}")

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

    It listens on 127.0.0.1 only: on `port`, or on a free one if None. With a folder `state` it goes on from what the
    last run in that folder kept (see `state.py`); without, it starts empty in a temporary folder, removed at the end.
    With `auth`, signatures are checked and IAM policies are evaluated.
    Raises LocalError when the port is taken, or the cloud is not installed or does not answer.
    """
    if not paths.python(paths.CLOUD_VENV).exists():
        raise LocalError(f"the local cloud is not installed in {paths.CLOUD_VENV}; run: make setup")
    with _directory(state) as directory, _lock(directory, port) as lock:
        port = port or free_port()
        require_free(port)
        kept = State(directory, digest(paths.CLOUD_PACKAGES)[:16])
        process = _start(directory, _settings(port, kept.prepare(), directory, keep=bool(state), auth=auth), lock)
        cloud = Cloud(port, directory, kept, process)
        try:
            _wait_until_healthy(cloud)
            yield cloud
        finally:
            _stop(process)


@contextmanager
def _directory(state: Path | None) -> Iterator[Path]:
    directory = state or Path(tempfile.mkdtemp(prefix="local-cloud-"))
    directory.mkdir(parents=True, exist_ok=True)
    try:
        yield directory
    finally:
        if state is None:
            shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _lock(directory: Path, port: int | None) -> Iterator[int]:
    """Hold the folder's lock. The cloud inherits it, so a cloud that still saves its state keeps its successor out."""
    with (directory / "lock").open("w") as file:
        deadline = time.monotonic() + _PREDECESSOR_SECONDS
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                message = f"port {port} is in use by another run in this folder; stop it, or choose another:"
                raise LocalError(f"{message} make run PORT={free_port()}")
            time.sleep(0.1)
        yield file.fileno()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(directory: Path, settings: dict[str, str], lock: int) -> subprocess.Popen[bytes]:
    shutil.rmtree(settings["TMPDIR"], ignore_errors=True)
    Path(settings["TMPDIR"]).mkdir()
    with (directory / _LOG).open("wb") as log:
        return subprocess.Popen(
            [paths.python(paths.CLOUD_VENV), "-P", paths.ROOT / "local" / "guarded.py"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=settings,
            pass_fds=(lock,),
            start_new_session=True,
        )


def _settings(port: int, state: Path, directory: Path, *, keep: bool, auth: bool) -> dict[str, str]:
    scratch = str(directory / "tmp")
    return environment.base() | {
        "PATH": os.pathsep.join([str(node.find().directory), os.environ.get("PATH", os.defpath)]),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": str(auth).lower(),
        "MINISTACK_ACCOUNT_ID": environment.ACCOUNT,
        "MINISTACK_REGION": environment.REGION,
        "HOME": scratch,
        "TMPDIR": scratch,
        "PERSIST_STATE": str(int(keep)),
        "S3_PERSIST": str(int(keep)),
        "STATE_DIR": str(state),
        "S3_DATA_DIR": str(state / "s3"),
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_healthy(cloud: Cloud) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(cloud):
        if cloud.process.poll() is not None:
            raise LocalError(f"the local cloud did not start (code {cloud.process.returncode}); see {cloud.log}")
        if time.monotonic() > deadline:
            raise LocalError(f"the local cloud did not answer within {START_SECONDS} s; see {cloud.log}")
        time.sleep(0.05)


def _is_healthy(cloud: Cloud) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{cloud.endpoint_url}/_ministack/health", timeout=5) as answer:
            return "services" in json.load(answer)
    except (OSError, ValueError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
