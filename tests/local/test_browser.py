"""The browser of the console's tests: found, or installed where that can be done without asking."""

import os
import stat

import pytest

from local import browser, paths, process


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with nothing on its PATH but an apt-get, which notes its arguments; it gives their file."""
    programs, calls = tmp_path / "programs", tmp_path / "calls"
    programs.mkdir()
    calls.touch()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(paths, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(process, "PAUSES_SECONDS", ())
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(programs / "apt-get", f'echo "$DEBIAN_FRONTEND $@" >> {calls}')
    return calls


def program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_one_that_is_named_or_on_the_path_is_found(machine):
    assert browser.find() is None
    there = program(machine.with_name("programs") / "chromium", "")
    assert browser.find() == str(there)
    assert browser.find({"CHROMIUM": "/opt/chrome"}) == "/opt/chrome"


def test_root_on_a_debian_without_one_installs_it_unasked(machine):
    browser.install()
    update, install = machine.read_text().splitlines()
    assert update.startswith("noninteractive ")
    assert update.endswith(" update")
    assert "install --yes --no-install-recommends chromium" in install


def test_nothing_is_installed_where_one_is_there_or_rights_or_apt_are_missing(machine, monkeypatch):
    programs = machine.with_name("programs")
    chromium = program(programs / "chromium", "")
    browser.install()
    chromium.unlink()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    browser.install()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (programs / "apt-get").unlink()
    browser.install()
    assert machine.read_text() == ""


def test_an_installation_that_fails_is_told_of_in_one_line_and_stops_nothing(machine, capsys):
    program(machine.with_name("programs") / "apt-get", "echo 'E: Unable to fetch some archives'; exit 100")
    browser.install()
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: Chromium was not installed: apt-get: E: Unable to fetch some archives (log: ")
