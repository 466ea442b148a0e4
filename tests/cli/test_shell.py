"""The shell without a terminal: where a person would have to be very quick."""

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput

from ledger.cli.shell.shell import Shell


@pytest.fixture
def shell(send_command):
    with create_app_session(input=DummyInput(), output=DummyOutput()):
        yield Shell(send_command, "demo", "ion", record=False)


def interrupted(_):
    raise KeyboardInterrupt


def test_ctrl_c_pressed_again_while_a_statement_is_cancelled_does_not_end_the_shell(shell, monkeypatch, capsys):
    texts = iter(["begin", "SELECT VALUE 42 FROM << 0 >>;", "quit"])
    notes = {"cancelled": interrupted}
    monkeypatch.setattr(shell._prompt, "read", lambda _: next(texts))
    monkeypatch.setattr(shell._runner, "control", interrupted)
    monkeypatch.setattr("ledger.cli.shell.shell._note", lambda text: notes.get(text, print)(text))
    shell.run()
    assert "42\n" in capsys.readouterr().out
