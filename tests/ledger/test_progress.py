"""How far a long command has come: a bar on a terminal, a line now and then elsewhere."""

from ledger.cli import progress
from ledger.cli.progress import Bar, Lines


def test_on_a_terminal_each_thing_has_a_bar_that_ends_full(capsys):
    bar = Bar()
    for done in range(1, 4):
        bar("blocks", done, 3)
    bar("documents", 1, 2)
    bar("documents", 2, 2)
    bar.close()
    shown = capsys.readouterr().err
    assert [line.rpartition("\r")[2].partition("|")[0] for line in shown.split("\n")[:-1]] == [
        "blocks: 100%",
        "documents: 100%",
    ]


def test_elsewhere_there_is_a_line_every_ten_seconds(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    lines = Lines()
    for done in range(1, 30):
        now[0] = float(done)
        lines("blocks", done, 30)
    lines.close()
    assert capsys.readouterr().err == "blocks: 10 of 30\nblocks: 20 of 30\n"
