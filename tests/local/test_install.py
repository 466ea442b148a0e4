import importlib.util
import os

import pytest

from local import install, paths, process
from local.errors import LocalError
from local.ports import free_port

NOTHING = "# no packages\n"
SIX = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"


@pytest.fixture(autouse=True)
def _no_network(tmp_path, monkeypatch):
    """pip as it is on a machine without a network and with an empty cache."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{free_port()}/simple")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(paths, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(process, "PAUSES_SECONDS", ())
    monkeypatch.setattr(install, "_compile", lambda _venv: None)


@pytest.fixture
def place(tmp_path):
    """A place for an environment, and the file of its requirements."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(NOTHING)
    return tmp_path / "venv", requirements


@pytest.fixture
def steps(monkeypatch):
    """The steps taken, of an installation that only makes the interpreter's file."""

    def create(venv):
        taken.append("create")
        paths.python(venv).parent.mkdir(parents=True, exist_ok=True)
        paths.python(venv).touch()

    taken = []
    monkeypatch.setattr(install, "_create", create)
    monkeypatch.setattr(install, "_pip", lambda _venv, arguments, _log: taken.append(arguments[0]))
    return taken


def test_environment_that_is_done_is_left_alone(place, steps):
    for _ in range(3):
        install._environment(*place, "installing")
    assert steps == ["create", "install"]


def test_environment_whose_lock_changed_is_installed_again(place, steps):
    install._environment(*place, "installing")
    place[1].write_text("# other packages\n")
    install._environment(*place, "installing")
    assert steps == ["create", "install"] * 2


def test_environment_whose_python_is_gone_is_made_anew(place, steps):
    install._environment(*place, "installing")
    paths.python(place[0]).unlink()
    install._environment(*place, "installing")
    assert steps == ["create", "install"] * 2


def test_environment_of_another_python_is_made_anew(place, steps, monkeypatch):
    install._environment(*place, "installing")
    monkeypatch.setattr("platform.python_version", lambda: "3.11.99")
    install._environment(*place, "installing")
    assert steps == ["create", "install"] * 2


def test_set_up_without_a_network_says_so_and_the_next_one_repairs_what_it_left(place):
    venv, requirements = place
    requirements.write_text(SIX)
    with pytest.raises(LocalError, match=r"no network.*log: "):
        install._environment(venv, requirements, "installing")
    (venv / "leftover").touch()
    requirements.write_text(NOTHING)
    install._environment(venv, requirements, "installing")
    assert paths.python(venv).exists()
    assert not (venv / "leftover").exists()


def test_python_without_the_venv_module_is_told_which_package_to_install(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    with pytest.raises(LocalError, match=r"apt install python3\.\d+-venv"):
        install.set_up()
