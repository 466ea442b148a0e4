"""The browser in which the console is tested: Chromium, installed where that can be done without asking anybody."""

import os
import shutil
from collections.abc import Mapping

from local import console, paths, process
from local.errors import LocalError

HOW = "install Chromium (Debian, Ubuntu: apt-get install chromium), or name one in CHROMIUM"
ARGUMENTS = (
    "--no-sandbox",  # it needs rights that root in a container lacks; the console's own pages are all that is opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PACKAGES = ("chromium", "fonts-dejavu-core")
_PATIENCE = ("-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3")


def find(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of a Chromium: the one named in CHROMIUM, or one on the PATH; `None` if there is none."""
    return environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def install() -> None:
    """Install Debian's Chromium if none is there, and this is root on a Debian; else do nothing.

    If that fails it is said in one line, and the tests that need it are skipped.
    """
    if find() or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    try:
        with console.step("installing Chromium, in which the console is tested"):
            _apt_get("update")
            _apt_get("install", "--yes", "--no-install-recommends", *_PACKAGES)
    except LocalError as error:
        console.complain(f"Chromium was not installed: {error}")


def _apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    process.run_again(["apt-get", *_PATIENCE, *arguments], log=paths.LOGS / "chromium.log", environment=environment)
