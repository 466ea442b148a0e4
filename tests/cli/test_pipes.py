"""`query` as a process among others: pipes that close early, encodings, start-up."""

import os
import subprocess
import sys

import pytest

MANY_ROWS = "SELECT 1 FROM T AS a, T AS b, T AS c, T AS d"


@pytest.fixture
def process(folder):
    def run(*arguments, stdin="", **environment):
        return subprocess.run(
            [sys.executable, "-m", "ledger", "query", "demo", "--data", str(folder), *arguments],
            input=stdin.encode(),
            capture_output=True,
            check=False,
            env={**os.environ, **environment},
            timeout=60,
        )

    documents = ", ".join(["{'n': 1}"] * 40)
    assert run(stdin=f"CREATE TABLE T; INSERT INTO T << {documents} >>").returncode == 0
    return run


def test_a_reader_that_has_seen_enough_ends_it_quietly_and_soon(process, folder):
    command = [sys.executable, "-m", "ledger", "query", "demo", "--data", str(folder), MANY_ROWS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout.readline() == b"{_1:1}\n"
        running.stdout.close()
        # 40 to the fourth are more rows than the minute has time for.
        assert running.wait(60) == 1
        assert running.stderr.read() == b""


def test_rows_come_while_the_statement_still_runs(process, folder):
    command = [sys.executable, "-m", "ledger", "query", "demo", "--data", str(folder), MANY_ROWS]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout.readline() == b"{_1:1}\n"
        assert running.poll() is None
        running.kill()


def test_statements_are_answered_one_by_one_while_the_pipe_stays_open(process, folder):
    command = [sys.executable, "-m", "ledger", "query", "demo", "--data", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        for _ in range(2):
            running.stdin.write(b"SELECT COUNT(*) AS n FROM T;\n")
            running.stdin.flush()
            assert running.stdout.readline() == b"{n:40}\n"
        running.stdin.close()
        assert running.wait(60) == 0


def test_text_is_utf8_in_both_directions_whatever_the_locale(process):
    for locale in ("C", "POSIX", "en_US.ISO-8859-1"):
        done = process(stdin="SELECT VALUE 'é漢' FROM << 0 >>", LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
        assert (done.returncode, done.stdout.decode()) == (0, '"é漢"\n'), done.stderr


def test_no_control_codes_go_into_a_pipe_whatever_the_terminal_claims(process):
    done = process("--format", "table", "SELECT * FROM T; nonsense", TERM="xterm-256color", FORCE_COLOR="1")
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_statement_does_not_wait_for_the_terminal_library_boto3_or_the_driver(process, folder):
    program = (
        "import sys; from ledger.cli.main import main;"
        f"main(['query', 'demo', '--data', {str(folder)!r}, 'SELECT COUNT(*) FROM T']);"
        "print(sorted({'prompt_toolkit', 'boto3', 'pyqldb', 'starlette', 'uvicorn'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["{_1:40}", "[]"]
