"""Ledgers whose journal is streamed."""

from collections.abc import Iterator

import pytest

from ledger.ledger import Ledger
from ledger.settings import create
from tests.ledger.conftest import file_store
from tests.ledger.support import Client


@pytest.fixture(params=[1, 4], ids=lambda strands: f"{strands}-strands")
def client(request: pytest.FixtureRequest, tmp_path) -> Iterator[Client]:
    """Sessions on an empty ledger in a SQLite file."""
    store = file_store(tmp_path)
    create(store, "demo", strands=request.param)
    yield Client(Ledger(store, "demo", work_in_background=False))
    store.close()
