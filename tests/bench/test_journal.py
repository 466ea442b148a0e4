"""The tool that makes long journals makes what commits would have made."""

import pytest

from bench.journal import make
from ledger.audit import audit
from ledger.store import SQLiteStore


@pytest.mark.parametrize(("strands", "blocks"), [(1, 0), (1, 1), (1, 257), (4, 1030)])
def test_a_journal_made_fast_is_one_that_commits_could_have_made(tmp_path, strands, blocks):
    store = SQLiteStore(tmp_path / "bench.db")
    ledger = make(store, blocks, strands=strands)
    assert list(audit(store, ledger.name)) == []
    counts = [sum(1 for _ in store.scan(f"block/{strand_id}")) for strand_id in ledger.settings.strands]
    assert sum(counts) == blocks + 2 * strands
    store.close()
