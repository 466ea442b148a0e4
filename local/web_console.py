"""The ledger's web console beside the local cloud, on what was deployed there; it only reads."""

import selectors
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local import paths, process
from local.cdk import Outputs
from local.cloud import Cloud
from local.errors import LocalError
from local.ports import is_free

USUAL_PORT = 8183
_ANY_PORT = 0
_START_SECONDS = 180
_STOP_SECONDS = 10
_OPTIONS = {"DigestBucket": "--digests=s3://{}", "AuditBucket": "--audits=s3://{}", "SigningKeyArn": "--kms-key={}"}


@contextmanager
def running(cloud: Cloud, outputs: Outputs, port: int | None) -> Iterator[str]:
    """Start a console on the deployed ledger and yield the address to open; stop it at the end.

    It listens on 127.0.0.1: on `port`; if that is None on the usual one, or if that is taken on a free one.
    Raises LocalError when it does not start.
    """
    started, address = _started(cloud, outputs, port) if port else _started_somewhere(cloud, outputs)
    try:
        yield address
    finally:
        _stop(started)


def _started_somewhere(cloud: Cloud, outputs: Outputs) -> tuple[subprocess.Popen[bytes], str]:
    with suppress(LocalError):  # as when another run was given the usual port a moment ago
        if is_free(USUAL_PORT):
            return _started(cloud, outputs, USUAL_PORT)
    return _started(cloud, outputs, _ANY_PORT)


def _started(cloud: Cloud, outputs: Outputs, port: int) -> tuple[subprocess.Popen[bytes], str]:
    log = cloud.directory / "console.log"
    command: list[str | Path] = [
        paths.python(paths.VENV),
        "-u",
        paths.ROOT / "local" / "tied.py",
        *arguments(outputs, port),
    ]
    with log.open("wb") as output:
        started = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            cwd=cloud.directory,
            env=cloud.environment(),
            start_new_session=True,
        )
    try:
        return started, _address(started, log)
    except BaseException:
        _stop(started)
        raise


def arguments(outputs: Outputs, port: int) -> list[str]:
    """Return the words behind `python -m` that start a console on the ledger that the outputs name."""
    values = {name: value for stack in outputs.values() for name, value in stack.items()}
    place = [values["QLDBLedgerName"], f"--store=dynamodb://{values['LedgerTableName']}"]
    evidence = [option.format(values[name]) for name, option in _OPTIONS.items() if name in values]
    return ["ledger", "console", *place, *evidence, f"--port={port}", "--no-browser"]


def _address(started: subprocess.Popen[bytes], log: Path) -> str:
    """Return the address in the one line that a console prints, once it listens."""
    assert started.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(started.stdout, selectors.EVENT_READ)
        line = started.stdout.readline().decode() if selector.select(_START_SECONDS) else ""
    if not line:
        reason = process.last_line(log.read_text(errors="replace")).removeprefix("error: ") or "it says nothing"
        raise LocalError(f"the console did not start: {reason} (log: {log})")
    return line.split()[-1]


def _stop(started: subprocess.Popen[bytes]) -> None:
    if started.stdin:
        started.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        started.wait(_STOP_SECONDS)
    process.stop_group(started)
    if started.stdout:
        started.stdout.close()
