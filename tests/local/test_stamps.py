import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from local import console, paths
from local.stamps import Stamp, alone, digest


def test_step_is_done_only_after_it_ended(tmp_path):
    stamp = Stamp(tmp_path / "made", "input")
    with stamp.taking():
        assert not stamp.is_done()
    assert stamp.is_done()
    assert not stamp.was_interrupted()


def test_step_that_failed_is_not_done_and_known_as_interrupted(tmp_path):
    stamp = Stamp(tmp_path, "input")
    with pytest.raises(RuntimeError), stamp.taking():
        raise RuntimeError
    assert not stamp.is_done()
    assert stamp.was_interrupted()


def test_changed_lock_file_makes_a_done_step_undone(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("a==1")
    with Stamp(tmp_path, lock).taking():
        pass
    assert Stamp(tmp_path, lock).is_done()
    lock.write_text("a==2")
    assert not Stamp(tmp_path, lock).is_done()
    assert not Stamp(tmp_path, lock).was_interrupted()


def test_digest_tells_inputs_apart_that_read_the_same_when_joined():
    assert digest("ab", "c") != digest("a", "bc")


def _hold(lock, spans):
    with alone(lock):
        begun = time.monotonic()
        time.sleep(0.3)
        spans.put((begun, time.monotonic()))


def test_two_set_ups_at_once_run_one_after_the_other(tmp_path):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    holders = [context.Process(target=_hold, args=(tmp_path / "lock", queue)) for _ in range(2)]
    for holder in holders:
        holder.start()
    (_, end), (begin, _) = sorted(queue.get(timeout=300) for _ in range(2))
    for holder in holders:
        holder.join()
    queue.close()
    queue.join_thread()
    assert begin >= end


def test_installer_whose_starter_was_killed_keeps_the_next_set_up_waiting(tmp_path, monkeypatch):
    lock, started, waited = tmp_path / "lock", tmp_path / "started", []
    code = f"""
from pathlib import Path
from local import process, stamps
with stamps.alone(Path({str(lock)!r})):
    process.run(["sh", "-c", "echo $$ > {started}; exec sleep 600"], log=Path({str(tmp_path / "log")!r}))
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=paths.ROOT) as starter:
        while not (started.exists() and started.read_text()):
            time.sleep(0.02)
        starter.kill()
    installer = int(started.read_text())

    @contextmanager
    def step(title):
        """Let the installer end only once it is waited for."""
        waited.append(title)
        os.kill(installer, signal.SIGKILL)
        yield

    monkeypatch.setattr(console, "step", step)
    with alone(lock):
        assert waited == ["waiting for another set-up in this folder"]
