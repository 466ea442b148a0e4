"""Programs run on the way, with their output in a log file and a sentence for the way in which they failed."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from local import paths
from local.errors import LocalError

PAUSES_SECONDS = (3, 15)
_GRACE_SECONDS = 10
_CAUSES = (
    (
        r"DO NOT MATCH THE HASHES|EINTEGRITY",
        "a downloaded package differs from its lock file, so it was not installed; empty the download cache, try again",
    ),
    (r"No space left on device|ENOSPC|Disk quota exceeded", "the disk is full; free some space and try again"),
    (
        r"CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)",
        "the certificate of the package index is not trusted; name your proxy's in PIP_CERT and NODE_EXTRA_CA_CERTS",
    ),
    (
        (
            r"name resolution|Name or service not known|nodename nor servname|ENOTFOUND|EAI_AGAIN|"
            "Network is unreachable|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|NewConnectionError|ConnectTimeout|"
            "Read timed out|ProxyError|Connection (refused|reset|aborted)|Cannot connect to proxy"
        ),
        "no network: the package index does not answer; check the connection and try again",
    ),
    (r"Permission denied|EACCES", "permission denied; make the project's folder writable for you"),
)


_NOISE = re.compile(r"^npm error A complete log .*$|^\[notice\] .*$", re.MULTILINE)


def install_cause(output: str) -> str:
    """Return why an installer with this `output` failed, and what to do, in one line."""
    for pattern, sentence in _CAUSES:
        if re.search(pattern, output):
            return sentence
    return last_line(_NOISE.sub("", output)) or "it said nothing"


def last_line(output: str) -> str:
    """Return the last line of `output` that is not blank."""
    return next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")


def run(
    arguments: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    directory: Path = paths.ROOT,
    cause: Callable[[str], str] = install_cause,
    name: str = "",
) -> None:
    """Run a program to its end, all its output in `log`; stop it, and what it started, if this process is stopped.

    Raises LocalError, beginning with `name`, with what `cause` makes of the output when the program fails; also when it
    is missing.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env=environment,
                start_new_session=True,
                close_fds=False,
            )
        except FileNotFoundError:
            raise LocalError(f"{arguments[0]} is missing; run: make setup") from None
        try:
            code = process.wait()
        finally:
            stop_group(process)
    if code:
        reason = cause(log.read_text(errors="replace"))
        raise LocalError(f"{name or Path(arguments[0]).name}: {reason} (log: {os.path.relpath(log)})")


def run_again(arguments: Sequence[str | Path], **options: Any) -> None:
    """Run a program that downloads; after a pause again, if it fails: where a network has failed it seldom does thrice.

    Takes what `run` takes, and raises what the last try raises. The log is of that one.
    """
    for seconds in PAUSES_SECONDS:
        try:
            run(arguments, **options)
        except LocalError:
            time.sleep(seconds)
        else:
            return
    run(arguments, **options)


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """End a program that leads a process group, and everything left in that group."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
