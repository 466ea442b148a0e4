"""The code of the deployed functions: a clean copy of the project's Python folders, made without Docker."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import PackagingError

_HERE = Path(__file__).resolve().parent
_INSTALLED = (_HERE / "project").is_dir()

ROOT = _HERE / "project" if _INSTALLED else _HERE.parent
"""The folder that holds the functions' code: this package's own in the wheel, the project's in a checkout."""

BUILD = Path.cwd() / ".build" if _INSTALLED else ROOT / ".build"
"""Where packages are made; it can be deleted at any time."""

FOLDERS = ("ledger", "lambdas", "custom_resources")
"""What a function may import of this project."""


def staged_code(
    own: str | Path | None = None, *, root: Path = ROOT, folders: Iterable[str] = FOLDERS, build: Path = BUILD
) -> Path:
    """Return a folder that holds the Python files of `folders` and nothing else, named by the hash of its contents.

    `own` is a folder of somebody else's function, whose files are laid beside them: that is the code which the function
    is deployed with, so what tests it puts this folder on `sys.path`. The copy is made once and renamed into place, so
    that two runs at the same time cannot see half of it.

    Raises PackagingError if a folder is missing, or if `own` has a module that is named like one of `folders`.
    """
    files = {path.relative_to(root): path.read_bytes() for path in _python_files(root, folders)}
    if own is not None:
        files |= _own_files(Path(own), set(folders))
    target = build / f"code-{_digest(files)}"
    if not target.exists():
        _write(files, target)
    return target


def replace_directory(source: Path, target: Path) -> None:
    """Rename the finished `source` to `target`; if another run was faster, keep its equal result."""
    try:
        source.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(source)


def _python_files(root: Path, folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        if not (root / folder).is_dir():
            raise PackagingError(f"no folder {root / folder}; it holds code that the functions import")
        yield from sorted(
            path for path in (root / folder).rglob("*.py") if "tests" not in path.parts[len(root.parts) :]
        )


def _own_files(own: Path, taken: set[str]) -> dict[Path, bytes]:
    if not own.is_dir():
        raise PackagingError(f"no folder {own}; give the folder that holds the function's Python files")
    if clash := [path for path in own.iterdir() if path.stem in taken]:
        raise PackagingError(f"{clash[0]} is named like a package that the functions import; rename it")
    files = (path for path in own.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(own): path.read_bytes() for path in files}


def _digest(files: dict[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:32]


def _write(files: dict[Path, bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    scratch.chmod(0o755)
    for path, content in files.items():
        (scratch / path).parent.mkdir(parents=True, exist_ok=True)
        (scratch / path).write_bytes(content)
    replace_directory(scratch, target)
