"""`make wheel`: the constructs and the functions' code in one package, for other teams' stacks."""

from pathlib import Path

from local import console, install, paths, process

_BUILD = ("-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation")


def build() -> Path:
    """Set up, build the wheel into `dist/`, without a network, and return its path."""
    install.set_up()
    with console.step("building the wheel"):
        wheel = build_into(paths.DIST, log=paths.LOGS / "wheel.log")
    console.say(str(wheel.relative_to(paths.ROOT)))
    return wheel


def build_into(directory: Path, *, log: Path) -> Path:
    """Build the wheel into `directory`, and return its path. The set-up must have been done."""
    command: list[str | Path] = [paths.python(paths.VENV), *_BUILD, "--wheel-dir", directory, paths.ROOT]
    process.run(command, log=log, name="pip")
    return max(directory.glob("*.whl"), key=lambda path: path.stat().st_mtime)
