import errno
import os
import runpy
import signal
import socket
import sys

import pytest

from local import cdk, checks, cli, install, serve
from local.errors import LocalError
from local.ports import HOST


@pytest.fixture(autouse=True)
def _signals():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def _failing_set_up(monkeypatch, error):
    def set_up():
        raise error

    monkeypatch.setattr(install, "set_up", set_up)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (LocalError("no network; try again"), "error: no network; try again\n"),
        (OSError(errno.ENOSPC, "No space left on device"), "error: the disk is full; free some space and try again\n"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "error: Permission denied: /x\n"),
    ],
    ids=["known", "disk", "file"],
)
def test_failure_is_one_line_without_a_traceback_and_exit_code_1(error, line, monkeypatch, capsys):
    _failing_set_up(monkeypatch, error)
    assert cli.main(["setup"]) == 1
    assert capsys.readouterr().err == line


def test_port_in_use_is_said_before_anything_is_installed(monkeypatch, capsys):
    _failing_set_up(monkeypatch, AssertionError("set-up was begun"))
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        assert cli.main(["run", "--port", str(port)]) == 1
    assert capsys.readouterr().err.startswith(f"error: port {port} is in use; ")


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "4_566", "", "٤٥"])
def test_port_that_is_none_is_a_usage_error_that_names_it(port, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", f"--port={port}"])
    assert caught.value.code == 2
    assert f"{port!r} is not a port" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "own"), [("test", []), ("deep", ["--timeout=7200"])])
def test_words_behind_the_tests_command_are_pytests_also_those_that_begin_with_a_dash(command, own, monkeypatch):
    given = []
    monkeypatch.setattr(checks, "test", lambda options, *, deep: given.append((options, deep)))
    assert cli.main([command, "-k", "wallet", "--maxfail=1"]) == 0
    assert given == [([*own, "-k", "wallet", "--maxfail=1"], command == "deep")]


def test_unknown_command_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["dance"])
    assert caught.value.code == 2
    assert "dance" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_that_is_stopped_ends_well_and_is_not_interrupted_twice(number, monkeypatch, capsys):
    def run(port, console_port):
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(serve, "run", run)
    assert cli.main(["run"]) == 0
    assert capsys.readouterr().out == "\nstopped\n"


def test_set_up_that_is_stopped_does_not_count_as_done(monkeypatch):
    monkeypatch.setattr(install, "set_up", lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert cli.main(["setup"]) == 130


def test_too_old_python_is_told_so_in_one_line(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1, "final", 0))
    with pytest.raises(SystemExit, match=r"^error: this is Python 3\.9; install Python 3\.11 or newer"):
        runpy.run_module("local", run_name="__main__")


@pytest.mark.parametrize(
    ("options", "settings", "folder"),
    [
        ([], {}, "aws"),
        (["--environment=prod"], {"environment": "prod"}, "aws-prod"),
        (["--environment=dev", "--deployment=ana"], {"environment": "dev", "deployment": "ana"}, "aws-dev-ana"),
        (["--environment=", "--deployment="], {}, "aws"),
    ],
)
def test_what_is_deployed_is_the_environment_and_the_name_that_were_asked_for(options, settings, folder, monkeypatch):
    targets = []
    monkeypatch.setattr(install, "set_up", lambda: None)
    monkeypatch.setattr(cdk, "deploy", lambda target: targets.append(target) or {})
    assert cli.main(["deploy", *options]) == 0
    assert [(dict(target.settings), target.directory.name) for target in targets] == [(settings, folder)]
