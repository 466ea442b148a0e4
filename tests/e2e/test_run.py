"""`make run` from the outside: what it prints works as it is, what it writes is true, and it goes away when told to."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from local import paths
from local.ports import free_port

LAUNCHER = """
import sys
from pathlib import Path
from local import cli, paths
paths.LOCAL = Path(sys.argv[1])
sys.exit(cli.main(["run", "--port", sys.argv[2]]))
"""


@contextmanager
def _running(folder, port):
    """`make run` with its files in `folder`; yields what it printed, and stops it as a terminal that is closed does."""
    command = [sys.executable, "-u", "-c", LAUNCHER, folder, str(port)]
    with subprocess.Popen(command, cwd=paths.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        printed = []
        for line in run.stdout:
            printed.append(line.rstrip("\n"))
            if "Ctrl-C stops everything" in line:
                break
        try:
            yield printed
            run.send_signal(signal.SIGTERM)
            assert run.wait(300) == 0, printed
        finally:
            run.kill()


def _pasted(line):
    """Return the status and the answer of a printed curl line, run by the shell as it is."""
    shell = ["bash", "-c", f"{line} --silent --show-error --write-out '\n%{{http_code}}'"]
    body, _, status = subprocess.run(shell, capture_output=True, text=True, check=True).stdout.rpartition("\n")
    return int(status), json.loads(body)


@pytest.mark.timeout(3600)
def test_printed_calls_work_as_they_are_and_accounts_outlive_a_restart(tmp_path, record_property):
    port = free_port()
    with _running(tmp_path, port) as printed:
        calls = [line for line in printed if line.startswith("  curl ")]
        answers = [_pasted(line) for line in calls]
        assert [status for status, _ in answers] == [201] * 2 + [200] * (len(calls) - 2)
        assert len(calls) == 11
        assert answers[-1][1] | {"username": ""} == {
            "email": "ana@example.com",
            "username": "",
            "CurrentBalance": 101,
            "PreviousBalance": 100,
        }
        _check_files(tmp_path, port)
        console = _check_console(printed)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(console, timeout=5)
    started = time.monotonic()
    with _running(tmp_path, port) as printed:
        record_property("seconds until a run goes on from the last one", round(time.monotonic() - started, 1))
        assert any("accounts of the last run" in line for line in printed)
        assert _pasted(calls[2])[1]["CurrentBalance"] == 101


def _check_console(printed):
    """Open the address that is printed, as a browser does, and return it."""
    [address] = [line.split()[-1] for line in printed if line.startswith("The web console")]
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    assert opener.open(address, timeout=300).status == 200
    base = address.partition("?")[0]
    known = json.load(opener.open(f"{base}api/ledgers", timeout=300))
    assert ([ledger["name"] for ledger in known["ledgers"]], known["isWritable"]) == (["captable1"], False)
    evidence = [
        json.load(opener.open(f"{base}api/ledgers/captable1/{kind}", timeout=300)) for kind in ("digests", "audits")
    ]
    assert all(each["place"].startswith("s3://") for each in evidence)
    assert len(evidence[0]["keys"]) == 1
    return address


def _check_files(folder, port):
    api = (folder / "api-url").read_text().strip()
    assert api.startswith(f"http://127.0.0.1:{port}/")
    outputs = json.loads((folder / "outputs.json").read_text())
    wallet = next(values for values in outputs.values() if "CreateaccountApi" in values)
    assert wallet["CreateaccountApi"] == f"{api}/createaccount"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{api}/checkfunds?email=ana%40example.com", timeout=300)
