"""What docs/query.md shows is what happens."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "query.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^\$ python (.*)\n((?:[^$].*\n)*)", BLOCKS[0], re.MULTILINE)
_VARYING = re.compile(r'"\w{22}"|\d+ read IOs, \d+ write IOs, \d+ ms')


def without_varying(text):
    return _VARYING.sub("...", text)


@pytest.fixture
def shell(tmp_path):
    """Runs what stands after `python` on the page, in a folder with the ledger vehicles."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(arguments):
        command = ["sh", "-c", f"{sys.executable} {arguments}"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    run("-m ledger create vehicles --data data")
    return run


def test_commands_print_what_the_page_shows(shell):
    assert len(COMMANDS) == 3
    for command, expected in COMMANDS:
        assert without_varying(shell(command)) == without_varying(expected)


def test_the_transaction_of_the_page_is_committed(shell):
    for command in (COMMANDS[0][0], COMMANDS[1][0], BLOCKS[1].removeprefix("$ python ")):
        shell(command)
    rows = shell("-m ledger query vehicles --data data 'SELECT * FROM Person'").splitlines()
    assert sorted(rows) == ['{Name:"Ann"}', '{Name:"Zoë",Born:1980-03-01T}']


def test_the_shell_answers_as_the_page_shows(shell, tmp_path):
    for command, _ in COMMANDS[:2]:
        shell(command)
    command = [sys.executable, "-m", "ledger", "query", "vehicles", "--data", str(tmp_path / "data"), "--no-history"]
    terminal = Terminal(command, PYTHONPATH=str(ROOT))
    try:
        for line in BLOCKS[2].splitlines():
            typed = re.match(r"(?:vehicles> | {7}-> )(.*)", line)
            if typed:
                terminal.wait_for(line[: typed.start(1)].strip())
                terminal.type(typed[1] + "\r")
            else:
                terminal.wait_for(line.partition(") ")[0])
    finally:
        terminal.close()
