import time

import pytest

from local import console


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    monkeypatch.setattr(console, "_QUIET_SECONDS", 0.1)


def test_step_that_takes_no_time_shows_nothing(capsys):
    with console.step("installing"):
        pass
    assert capsys.readouterr().out == ""


def test_long_step_in_a_pipe_shows_a_line_at_its_start_and_one_with_its_time(capsys):
    with console.step("installing"):
        time.sleep(0.3)
        assert capsys.readouterr().out == "installing ...\n"
    assert capsys.readouterr().out == "installing: done in 0 s\n"


def test_long_step_on_a_terminal_shows_a_clock_and_clears_it(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with console.step("installing"):
        time.sleep(0.3)
    assert capsys.readouterr().out == "\r\033[Kinstalling ... 0 s\r\033[Kinstalling: done in 0 s\n"


def _fail_slowly():
    with console.step("installing"):
        time.sleep(0.3)
        raise RuntimeError


def test_step_that_fails_is_not_called_done(capsys):
    with pytest.raises(RuntimeError):
        _fail_slowly()
    assert "done" not in capsys.readouterr().out
