import time
from types import SimpleNamespace

import pytest

from local import console


@pytest.fixture
def written(capsys):
    """Give a function that waits until something ending so is written, and gives all that was, since the last time."""

    def read_until(ending):
        text, deadline = "", time.monotonic() + 60
        while not text.endswith(ending):
            assert time.monotonic() < deadline, text
            time.sleep(0.01)
            text += capsys.readouterr().out
        return text

    return read_until


@pytest.fixture
def long(monkeypatch):
    """Every step counts as a long one, from its beginning; the clock that it shows stands still."""
    monkeypatch.setattr(console, "_QUIET_SECONDS", 0)
    monkeypatch.setattr(console, "_REFRESH_SECONDS", 600)
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=lambda: 7.0))


def test_step_that_takes_no_time_shows_nothing(capsys, monkeypatch):
    monkeypatch.setattr(console, "_QUIET_SECONDS", 600)
    with console.step("installing"):
        pass
    assert capsys.readouterr().out == ""


def test_long_step_in_a_pipe_shows_a_line_at_its_start_and_one_with_its_time(capsys, long, written):
    with console.step("installing"):
        assert written("\n") == "installing ...\n"
    assert capsys.readouterr().out == "installing: done in 0 s\n"


def test_long_step_on_a_terminal_shows_a_clock_and_clears_it(capsys, long, written, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with console.step("installing"):
        assert written(" s") == "\r\033[Kinstalling ... 0 s"
    assert capsys.readouterr().out == "\r\033[Kinstalling: done in 0 s\n"


def _fail_when(written):
    with console.step("installing"):
        written("\n")
        raise RuntimeError


def test_step_that_fails_is_not_called_done(capsys, long, written):
    with pytest.raises(RuntimeError):
        _fail_when(written)
    assert "done" not in capsys.readouterr().out
