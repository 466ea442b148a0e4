"""The command fsck: what it prints, its exit codes, and going on after an interruption."""

import json

import pytest

from ledger import settings
from ledger.audit import checkpoint
from ledger.cli.main import main
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.ledger.support import Client
from tests.ledger.test_audit import cells, overwrite


@pytest.fixture
def data(tmp_path):
    """A folder with ledger demo, and a client of it."""
    store = SQLiteStore(tmp_path / "demo.db")
    settings.create(store, "demo")
    client = Client(Ledger(store, "demo"))
    client.run("CREATE TABLE T")
    client.run("INSERT INTO T ?", {"k": 1})
    yield tmp_path, client
    store.close()


def test_a_sound_ledger_gives_exit_code_0_and_leaves_no_checkpoint(data, capsys):
    folder, _ = data
    before = {path.name for path in folder.iterdir()}
    assert main(["fsck", "demo", "--data", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ledger": "demo", "blocks": 3, "documents": 1, "findings": []}
    assert {path.name for path in folder.iterdir()} == before


def test_findings_give_exit_code_1_and_say_what_is_wrong_where(data, capsys):
    folder, client = data
    [pointer] = cells(client, "history/")
    overwrite(client, pointer, None)
    where, what = f"document {pointer.partition[8:]}", f"its history pointer {pointer.sort} is wrong"
    assert main(["fsck", "demo", "--data", str(folder)]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"{where}: {what}\n", "error: 1 finding(s) in ledger demo\n")
    assert main(["fsck", "demo", "--data", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"] == [{"where": where, "what": what}]


def test_wrong_usage_gives_exit_code_2(data):
    with pytest.raises(SystemExit) as stopped:
        main(["fsck", "demo"])
    assert stopped.value.code == 2


def test_a_check_that_was_interrupted_says_that_it_goes_on(data, capsys, monkeypatch):
    folder, _ = data
    monkeypatch.setattr(checkpoint, "_SAVE_SECONDS", -1.0)
    with monkeypatch.context() as interrupted:
        interrupted.setattr("ledger.audit.comparing.Comparison.go_on", _interrupt)
        assert main(["fsck", "demo", "--data", str(folder)]) == 130
    assert main(["fsck", "demo", "--data", str(folder)]) == 0
    file = folder / ".demo.fsck"
    assert capsys.readouterr().err == (
        f"going on after 3 blocks where it was interrupted; to begin anew, remove {file}\n"
    )


def _interrupt(check):
    raise KeyboardInterrupt
