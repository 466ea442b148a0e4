"""`make test`, `make deep` and `make check`: the project's own tools, with its environment and Node on PATH."""

import os
import subprocess
from collections.abc import Sequence
from typing import NoReturn

from local import browser, console, install, node, paths

_CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", "app.py", "environments.py", "ledger", "infra", "lambdas", "custom_resources", "local"),
    ("lint-imports",),
)


_SIDE_BY_SIDE = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile")


def test(options: Sequence[str], *, deep: bool) -> NoReturn:
    """Set up and become pytest with `options`, so that signals and the exit code are pytest's own.

    Files of tests run side by side, one on each core; `options` may say otherwise (`-n 0`).

    Args:
        deep: have the random tests try many times more.
    """
    install.set_up()
    browser.install()
    os.chdir(paths.ROOT)
    environment = _environment() | ({"DEEP": "1"} if deep else {})
    os.execve(_program("pytest"), ["pytest", *_SIDE_BY_SIDE, *options], environment)  # noqa: S606 - nothing here is of a stranger


def check() -> int:
    """Set up and run every linter and the type checker, each to its end; return 1 if any found something."""
    install.set_up()
    codes = [_run(*words) for words in _CHECKS]
    return int(any(codes))


def _run(program: str, *arguments: str) -> int:
    console.say(f"$ {' '.join([program, *arguments])}")
    command = [_program(program), *arguments]
    return subprocess.run(command, cwd=paths.ROOT, env=_environment(), check=False).returncode


def _program(name: str) -> str:
    return str(paths.VENV / "bin" / name)


def _environment() -> dict[str, str]:
    return os.environ | {"PATH": node.on_path(node.find(), os.environ.get("PATH", os.defpath))}
