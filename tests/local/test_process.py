import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local import paths, process
from local.errors import LocalError


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "no network"),
        ("npm error code EAI_AGAIN\nnpm error syscall getaddrinfo", "no network"),
        ("npm error code ECONNREFUSED", "no network"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "differs from its lock file"),
        ("npm error code EINTEGRITY", "differs from its lock file"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
        ("ERROR: [Errno 13] Permission denied: '/x'", "permission denied"),
        ("one\nERROR: something new\n\n", "ERROR: something new"),
        ("npm error odd\nnpm error A complete log of this run can be found in: /x\n", "npm error odd"),
        ("", "it said nothing"),
    ],
)
def test_cause_of_a_failed_installation_is_one_line_that_says_what_to_do(output, words):
    cause = process.install_cause(output)
    assert words in cause
    assert "\n" not in cause


def test_changed_package_is_reported_even_if_a_download_was_tried_again_before():
    output = "WARNING: Retrying after NewConnectionError\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES"
    assert "lock file" in process.install_cause(output)


def test_failing_program_gives_its_last_words_and_the_place_of_the_log(tmp_path):
    log = tmp_path / "logs" / "tool.log"
    with pytest.raises(LocalError) as caught:
        process.run(["sh", "-c", "echo first; echo last >&2; exit 3"], log=log, name="tool")
    assert str(caught.value) == f"tool: last (log: {os.path.relpath(log)})"
    assert log.read_text() == "first\nlast\n"


def test_missing_program_is_named(tmp_path):
    with pytest.raises(LocalError, match=r"/no/such/program is missing; run: make setup"):
        process.run(["/no/such/program"], log=tmp_path / "log")


def _failing_first(tries, times):
    """Words of a program that fails so many times, and counts its tries in a file."""
    return ["sh", "-c", f"echo . >> {tries}; [ $(wc -l < {tries}) -gt {times} ] || {{ echo lost; exit 1; }}"]


@pytest.mark.parametrize("times", [0, 1, 2])
def test_download_that_fails_once_or_twice_is_tried_again_until_it_is_done(times, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "PAUSES_SECONDS", (0, 0))
    tries = tmp_path / "tries"
    process.run_again(_failing_first(tries, times), log=tmp_path / "log")
    assert len(tries.read_text().splitlines()) == times + 1


def test_download_that_fails_thrice_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "PAUSES_SECONDS", (0, 0))
    tries = tmp_path / "tries"
    with pytest.raises(LocalError, match=r"^pip: lost "):
        process.run_again(_failing_first(tries, 9), log=tmp_path / "log", name="pip")
    assert len(tries.read_text().splitlines()) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_stopping_this_process_stops_the_program_and_what_it_started(tmp_path):
    pids, waiting = tmp_path / "pids", tmp_path / "waiting"
    program = f"sleep 300 & echo $! $$ > {pids}.new; mv {pids}.new {pids}; wait"
    code = f"""
import signal, subprocess, sys
from pathlib import Path
from local import process

class Popen(subprocess.Popen):
    def wait(self, timeout=None):
        Path({str(waiting)!r}).touch()
        return super().wait(timeout)

subprocess.Popen = Popen
signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
process.run(["sh", "-c", {program!r}], log=Path({str(tmp_path / "log")!r}))
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=paths.ROOT) as ours:
        _wait_for(lambda: pids.exists() and waiting.exists())
        ours.send_signal(signal.SIGTERM)
        assert ours.wait(60) == 9
    _wait_for(lambda: not any(_is_running(int(pid)) for pid in pids.read_text().split()))


def _is_running(pid):
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
