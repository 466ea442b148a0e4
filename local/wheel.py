"""`make wheel`: the constructs and the functions' code in one package, for other teams' stacks."""

from pathlib import Path

from local import console, install, paths, process

_BUILD = ("-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation")


def build() -> Path:
    """Set up, build the wheel into `dist/`, without a network, and return its path."""
    install.set_up()
    with console.step("building the wheel"):
        command: list[str | Path] = [paths.python(paths.VENV), *_BUILD, "--wheel-dir", paths.DIST, paths.ROOT]
        process.run(command, log=paths.LOGS / "wheel.log", name="pip")
    wheel = max(paths.DIST.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    console.say(str(wheel.relative_to(paths.ROOT)))
    return wheel
