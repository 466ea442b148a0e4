import pytest

from local.state import STOPPED, State


def _run(state, text, *, deployed=True, stopped=True):
    folder = state.prepare()
    before = (folder / "accounts.json").read_text() if (folder / "accounts.json").exists() else None
    (folder / "accounts.json").write_text(text)
    if deployed:
        state.mark_deployed()
    if stopped:
        (folder / STOPPED).touch()
    return before


def test_run_goes_on_from_the_last_one_that_was_deployed_and_stopped(tmp_path):
    state = State(tmp_path, "1")
    assert _run(state, "first") is None
    assert _run(state, "second") == "first"
    assert _run(state, "third") == "second"


@pytest.mark.parametrize("whole", [{"deployed": False}, {"stopped": False}], ids=["not deployed", "killed"])
def test_state_that_is_not_whole_is_dropped_and_the_last_whole_one_taken(tmp_path, whole):
    state = State(tmp_path, "1")
    _run(state, "good")
    _run(state, "half", **whole)
    assert _run(state, "next") == "good"


def test_state_of_another_version_of_the_cloud_is_forgotten(tmp_path):
    _run(State(tmp_path, "1"), "old")
    _run(State(tmp_path, "1"), "older")
    assert _run(State(tmp_path, "2"), "new") is None
    assert _run(State(tmp_path, "1"), "again") is None


def test_first_run_does_not_go_on_from_another_and_the_second_does(tmp_path):
    state = State(tmp_path, "1")
    _run(state, "first")
    assert not state.continues()
    state.prepare()
    assert state.continues()
