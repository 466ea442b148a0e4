"""A ledger in a folder, and the command line on it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger import settings
from ledger.cli.main import main
from ledger.cli.shell.client import Client, SendCommand
from ledger.ledger import Ledger
from ledger.session.service import SessionService
from ledger.store import SQLiteStore


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the empty ledger demo."""
    path = tmp_path / "data"
    path.mkdir()
    store = SQLiteStore(path / "demo.db")
    settings.create(store, "demo")
    store.close()
    return path


@pytest.fixture
def query(folder, capsys, monkeypatch) -> Callable[..., Outcome]:
    """Runs `query` on the ledger demo, with a text on standard input, and no terminal anywhere."""

    def command(*arguments: str, stdin: str = "", place: tuple[str, ...] = ("--data", str(folder))) -> Outcome:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(["query", "demo", *place, *arguments])
        return Outcome(code, *capsys.readouterr())

    return command


@pytest.fixture
def send_command(folder):
    """The session API of the ledger demo."""
    store = SQLiteStore(folder / "demo.db")
    ledger = Ledger(store, "demo")
    yield SessionService(lambda _: ledger).send_command
    store.close()


@pytest.fixture
def client(send_command: SendCommand) -> Client:
    return Client(send_command, "demo")
