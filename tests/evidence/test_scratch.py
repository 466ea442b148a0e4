import os
import tempfile
import time

import pytest

from ledger.audit.scratch import scratch_folder


@pytest.fixture(autouse=True)
def disk(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(disk, name, age):
    folder = disk / name
    folder.mkdir()
    (folder / "state.db").write_bytes(b"x")
    os.utime(folder, (time.time() - age,) * 2)
    return folder


def test_a_run_has_an_empty_folder_that_goes_with_it(disk):
    with scratch_folder() as folder:
        assert list(folder.iterdir()) == []
        (folder / "state.db").write_bytes(b"x")
    assert list(disk.iterdir()) == []


def test_what_a_killed_run_has_left_is_removed_and_nothing_of_a_running_one_or_of_others(disk):
    killed = left(disk, "ledger-audit-1", 21 * 60)
    kept = [left(disk, "ledger-audit-2", 15 * 60), left(disk, "others", 21 * 60)]
    with scratch_folder():
        assert not killed.exists()
        assert all((folder / "state.db").exists() for folder in kept)
