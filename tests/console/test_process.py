"""The console as a process: how it starts, opens the browser, and ends."""

import signal
import subprocess
import sys
import time

import pytest

from tests.console.processes import start

ENDLESS = "SELECT COUNT(*) FROM " + ", ".join(f"wallettable AS t{number}" for number in range(12))


def command(*arguments):
    run = [sys.executable, "-m", "ledger", "console", "--no-browser", "--port", "0", *arguments]
    return subprocess.run(run, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--data", "/nowhere"), "error: /nowhere is no folder"),
        (("--store", "wallets"), "error: --store is 'wallets'; it must be dynamodb://TABLE"),
        (("--data", ".", "--port", "99999"), "error: cannot listen on 127.0.0.1 port 99999"),
    ],
)
def test_a_console_that_cannot_start_says_why(arguments, complaint):
    ended = command(*arguments)
    assert ended.returncode in {1, 2}
    assert ended.stderr.startswith(complaint)
    assert ended.stdout == ""


def test_a_port_that_is_taken_is_told_of(console, wallets):
    ended = command("--data", str(wallets.folder), "--port", str(console.port))
    assert ended.returncode == 1
    assert "choose another" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_the_statement_that_runs_and_ends(wallets, number):
    console = start("--no-browser", "--data", str(wallets.folder))
    console.sign_in()
    with console.asking("POST", "/api/ledgers/captable1/runs", {"run": "endless", "statement": ENDLESS}) as asked:
        # As soon as it runs, asking for its rows waits; before, there are none.
        with pytest.raises(TimeoutError):
            _ask_until_it_waits(console)
        assert console.stop(number) == (0, "")
        assert asked().json["error"] == "StatementStoppedException"


def _ask_until_it_waits(console):
    while console.send("POST", "/api/runs/endless/rows", {}, seconds=0.5).status == 410:
        pass


def test_each_start_has_a_token_of_its_own(wallets):
    tokens = set()
    for _ in range(2):
        console = start("--no-browser", "--data", str(wallets.folder))
        tokens.add(console.token)
        assert console.stop() == (0, "")
    assert len(tokens) == 2
    assert min(map(len, tokens)) >= 43


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have ways of their own to open a browser")
def test_the_browser_is_led_in_by_a_file_that_nobody_else_can_read(wallets, tmp_path):
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    page = 'sed s,file://,, <<< "$1"'
    browser.write_text(
        f'#!/bin/bash\nfile=$({page})\n{{ echo "$1"; stat -c %a "$(dirname "$file")"; cat "$file"; }} > {seen}.part\n'
        f"mv {seen}.part {seen}\n"
    )
    browser.chmod(0o700)
    environment = {"BROWSER": str(browser), "DISPLAY": ":0", "TMPDIR": str(tmp_path)}
    console = start("--data", str(wallets.folder), environment=environment)
    while not seen.exists():
        assert console.process.poll() is None
        time.sleep(0.01)
    argument, mode, content = seen.read_text().split("\n", 2)
    assert console.stop() == (0, "")
    assert argument.startswith("file://")
    assert console.token not in argument
    assert mode == "700"
    assert console.address in content
    assert not list(tmp_path.glob("ledger-console-*")), "the file is gone when the console ends"
