"""The file of the history."""

import pytest
from prompt_toolkit.history import InMemoryHistory

from ledger.cli.shell.history import PrivateHistory, history_path, opened_history


@pytest.fixture(autouse=True)
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_statements_are_kept_for_the_next_time_newest_first():
    first = opened_history(record=True)
    for text in ("SELECT 1;", " SELECT 'secret';", "SELECT\n  2;"):
        first.append_string(text)
    assert list(opened_history(record=True).load_history_strings()) == ["SELECT\n  2;", "SELECT 1;"]


def test_only_the_user_can_read_the_file_even_if_others_could_before(state):
    opened_history(record=True)
    assert history_path().stat().st_mode & 0o777 == 0o600
    assert history_path().parent.stat().st_mode & 0o777 == 0o700
    history_path().chmod(0o644)
    opened_history(record=True)
    assert history_path().stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_made_is_told_and_the_shell_has_a_history_of_its_own(state, capsys):
    state.write_text("a file where the folder should be")
    assert isinstance(opened_history(record=True), InMemoryHistory)
    assert capsys.readouterr().err.startswith(f"no history is kept: {history_path()}: ")


def test_nothing_is_kept_if_that_is_wanted(state):
    assert not isinstance(opened_history(record=False), PrivateHistory)
    assert not state.exists()


def test_without_the_variable_the_history_is_in_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert history_path() == tmp_path / ".local" / "state" / "ledger" / "query-history"
