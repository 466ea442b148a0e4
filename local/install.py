"""Set-up: Python packages, the local cloud and the CDK CLI, all pinned; a step that is done is skipped."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from local import console, node, paths, process
from local.errors import LocalError
from local.stamps import Stamp, alone

_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "3")
_UNUSED = r"/aws_cdk/(aws_|alexa_)"
_NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
_PATIENCE = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")


def set_up() -> None:
    """Install what is missing or out of date. Raises LocalError with one line for anything that the user can mend."""
    _require_venv_module()
    with alone(paths.LOCAL / "set-up.lock"):
        _environment(paths.VENV, paths.PACKAGES, "installing the project's Python packages")
        _environment(paths.CLOUD_VENV, paths.CLOUD_PACKAGES, "installing the local cloud")
        if node.of_machine() is None:
            _bundled_node()
        _cdk(node.find())
        _functions_packages(node.find())
        _services(node.find())


def _require_venv_module() -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise LocalError(
            f"this Python has no venv module; install it (Debian, Ubuntu: apt install python{version}-venv)"
        )


def _environment(venv: Path, requirements: Path, title: str) -> None:
    stamp = Stamp(venv, requirements, str(venv), platform.python_version())
    if stamp.is_done() and paths.python(venv).exists():
        return
    with console.step(title):
        if stamp.was_interrupted() or not _runs(venv):
            shutil.rmtree(venv, ignore_errors=True)
        with stamp.taking():
            _create(venv)
            log = paths.LOGS / f"{venv.name.lstrip('.')}.log"
            _pip(venv, ["install", "--no-compile", "--require-hashes", "--requirement", str(requirements)], log)
            _compile(venv)


def _runs(venv: Path) -> bool:
    """Tell whether `venv` has an interpreter of this very version, with pip."""
    question = "import pip, platform; print(platform.python_version())"
    try:
        answer = subprocess.run([paths.python(venv), "-c", question], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == platform.python_version()


def _create(venv: Path) -> None:
    if not _runs(venv):
        base = getattr(sys, "_base_executable", None) or sys.executable
        process.run([base, "-m", "venv", venv], log=paths.LOGS / "interpreter.log")


def _pip(venv: Path, arguments: list[str], log: Path) -> None:
    words: list[str | Path] = [paths.python(venv), *_PIP, *arguments]
    process.run_again(words, log=log, environment=_builds_locked(os.environ), name="pip")


def _builds_locked(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with which pip builds packages with pinned tools, and from what their archives hold alone."""
    constraints = paths.BUILD_CONSTRAINTS.as_uri()  # a URL, since pip splits these variables at spaces
    return {
        **environ,
        "PIP_CONSTRAINT": constraints,
        "PIP_BUILD_CONSTRAINT": constraints,
        # The build of amazon.ion clones and compiles a C library where git lets it: unlocked, and a long wait offline.
        "GIT_ALLOW_PROTOCOL": "none",
    }


def _compile(venv: Path) -> None:
    """Compile to .pyc, but for the many AWS services in the CDK's library, of which `_services` compiles the few used.

    Some packages carry files that are no Python of this version, which is no failure.
    """
    command = [str(paths.python(venv)), "-m", "compileall", "-q", "-j", "0", "-x", _UNUSED, str(venv / "lib")]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def _bundled_node() -> None:
    stamp = Stamp(paths.NODE, paths.NODE_PACKAGES, str(paths.NODE), platform.python_version())
    _take(stamp, paths.NODE, "installing Node (this machine has none of version 20 or newer)", _download_node)


def _download_node() -> None:
    arguments = ["install", "--no-compile", "--require-hashes", "--target", str(paths.NODE)]
    _pip(paths.VENV, [*arguments, "--upgrade", "--requirement", str(paths.NODE_PACKAGES)], paths.LOGS / "node.log")


def _cdk(runtime: node.Node) -> None:
    stamp = Stamp(
        paths.ROOT / "node_modules", paths.ROOT / "package.json", paths.ROOT / "package-lock.json", str(paths.ROOT)
    )
    _take(stamp, paths.CDK, "installing the AWS CDK command line tool", lambda: _npm(runtime))


def _npm(runtime: node.Node) -> None:
    command = [*runtime.npm, *_NPM_CI, *_PATIENCE]
    process.run_again(command, log=paths.LOGS / "npm.log", environment=_with(runtime))


def _functions_packages(runtime: node.Node) -> None:
    """Install the layer of the deployed functions now, so that a synthesis needs no network."""
    packages = paths.ROOT / "lambdas" / "requirements.txt"
    stamp = Stamp(paths.BUILD, packages, paths.ROOT / "infra" / "dependency_layer.py")
    command = [str(paths.python(paths.VENV)), "-c", "from infra.dependency_layer import installed; installed()"]
    environment = _builds_locked(_with(runtime))
    log = paths.LOGS / "functions.log"
    _take(
        stamp,
        paths.BUILD,
        "installing the packages of the deployed functions",
        lambda: process.run_again(command, log=log, environment=environment),
    )


def _services(runtime: node.Node) -> None:
    """Compile the AWS services in the CDK's library that the app uses: parsing them takes longer than its synthesis."""
    stamp = Stamp(paths.BYTECODE, paths.PACKAGES, str(paths.VENV), platform.python_version())
    command = [str(paths.python(paths.VENV)), "-m", "tools.bytecode"]
    log = paths.LOGS / "bytecode.log"
    _take(
        stamp,
        paths.BYTECODE,
        "compiling what the CDK app uses",
        lambda: process.run(command, log=log, environment=_with(runtime)),
    )


def _with(runtime: node.Node) -> dict[str, str]:
    return os.environ | {"PATH": node.on_path(runtime, os.environ.get("PATH", os.defpath))}


def _take(stamp: Stamp, product: Path, title: str, action: Callable[[], None]) -> None:
    if stamp.is_done() and product.exists():
        return
    with console.step(title), stamp.taking():
        action()
