"""The wheel, built and installed once for all examples."""

import pytest

from local import wheel as wheels
from tests.examples.example import Example, environment_with


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    return wheels.build_into(folder, log=folder / "wheel.log")


@pytest.fixture(scope="session")
def python(wheel, tmp_path_factory):
    """Give the Python of an environment that the wheel is installed in."""
    folder = tmp_path_factory.mktemp("environment")
    return environment_with(wheel, folder / "venv", log=folder / "pip.log")


@pytest.fixture(scope="session")
def example(wheel, python, tmp_path_factory):
    """Copy an example by its name."""
    return lambda name: Example.copied(name, tmp_path_factory.mktemp("examples"), wheel, python)
