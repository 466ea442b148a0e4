"""The dependencies of the deployed functions: one layer, installed by pip from a lock with hashes, without Docker."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .errors import PackagingError
from .function_code import BUILD, ROOT, replace_directory

LOCK = ROOT / "lambdas" / "requirements.txt"
"""What the layer holds. boto3 and botocore are not in it: the Lambda runtime brings them."""

BUILD_TOOLS = ROOT / "local" / "build-constraints.txt"
"""What packages are built with that come as sources."""

_RECIPE = b"2"  # part of the cache's key: raise it when the steps below change
_NATIVE = {".so", ".dylib", ".dll", ".pyd", ".a", ".lib", ".o"}
_NOT_NEEDED = {".c", ".h", ".pth", ".pyc", ".pyi"}
_ACCELERATORS = ("ionc.cpython", "_message.abi3")  # amazon.ion and protobuf do without theirs
_INSTALLER_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json"}


class DependencyLayer(lambda_.LayerVersion):
    """A layer version with the packages of `lambdas/requirements.txt`, pure Python, for arm64 and x86_64 alike."""

    def __init__(self, scope: Construct, id: str, *, lock: Path = LOCK, build: Path = BUILD) -> None:  # noqa: A002
        """Install the layer on first use, in `build`; later syntheses find it there by the hash of `lock`.

        Raises PackagingError if pip fails, or if compiled code would get into the layer.
        """
        super().__init__(
            scope,
            id,
            code=lambda_.Code.from_asset(str(installed(lock, build)), asset_hash=_key(lock)),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            description="Packages of the wallet's functions",
        )

    @classmethod
    def of(cls, scope: Construct) -> Self:
        """Return the one layer of the stack that `scope` is in, made when first asked for."""
        stack = Stack.of(scope)
        found = stack.node.try_find_child("Dependencies")
        return found if isinstance(found, cls) else cls(stack, "Dependencies")


def installed(lock: Path = LOCK, build: Path = BUILD) -> Path:
    """Return the folder of the layer for `lock`, installing it if it is not there yet.

    It holds `python/`, always with the same bytes for the same lock: no caches, no installer's notes, no native code.
    """
    target = build / f"layer-{_key(lock)}"
    if not target.exists():
        build.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=build))
        scratch.chmod(0o755)
        try:
            _install(lock, scratch / "python")
            replace_directory(scratch, target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return target


def _key(lock: Path) -> str:
    return hashlib.sha256(_RECIPE + lock.read_bytes()).hexdigest()[:32]


def _install(lock: Path, target: Path) -> None:
    print(f"installing the packages of {lock.name} into the functions' layer ...", file=sys.stderr)  # noqa: T201
    _run_pip(lock, target)
    _keep_pure_python(target)
    if found := compiled_files(target):
        raise PackagingError(
            f"{found[0]} is compiled code, which fits one CPU only; lock a pure Python release in {lock}"
        )


def _run_pip(lock: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--root-user-action=ignore", "--no-compile", "--no-deps", "--require-hashes", "--target", str(target)]
    command += ["--platform=any"]  # of a package's wheels take the one in pure Python, where there is one
    result = subprocess.run([*command, "-r", str(lock)], capture_output=True, text=True, env=_locked(), check=False)  # noqa: S603
    if "No module named pip" in result.stderr:
        raise PackagingError(
            f"{sys.executable} has no pip, which installs the functions' packages; add it: python -m ensurepip, or "
            "uv pip install pip"
        )
    if result.returncode:
        raise PackagingError(f"pip could not install {lock}: {_reason(result.stderr)}; check the network and the lock")


def _locked() -> dict[str, str]:
    constraints = BUILD_TOOLS.as_uri()  # a URL, since pip splits these variables at spaces
    return os.environ | {
        "PIP_CONSTRAINT": constraints,
        "PIP_BUILD_CONSTRAINT": constraints,
        # The build of amazon.ion clones and compiles a C library if git lets it: unlocked code for one CPU.
        "GIT_ALLOW_PROTOCOL": "none",
    }


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["it gave no reason"])[-1]


def _keep_pure_python(target: Path) -> None:
    shutil.rmtree(target / "bin", ignore_errors=True)
    for folder in target.rglob("ion-c-build"):
        shutil.rmtree(folder)
    for path in [path for path in target.rglob("*") if path.is_file()]:
        noted = path.parent.name.endswith(".dist-info") and path.name in _INSTALLER_NOTES
        if noted or path.suffix in _NOT_NEEDED or path.name.startswith(_ACCELERATORS):
            path.unlink()


def compiled_files(folder: Path) -> list[Path]:
    """Return the files under `folder` that hold machine code: by their name, or by their first bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if not _NATIVE.isdisjoint(path.suffixes) or _is_machine_code(path)]


def _is_machine_code(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4)
    return head.startswith((b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"))
