"""Where everything lives that set-up and runs leave on this machine; nothing is written outside the project."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
BUILD = ROOT / ".build"
DIST = ROOT / "dist"
VENV = ROOT / ".venv"
BYTECODE = VENV / "bytecode-of-the-app"
CLOUD_VENV = LOCAL / "cloud-venv"
NODE = LOCAL / "node"
CDK = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
LOGS = LOCAL / "logs"

PACKAGES = ROOT / "requirements-dev.txt"
CLOUD_PACKAGES = ROOT / "local" / "requirements.txt"
BUILD_CONSTRAINTS = ROOT / "local" / "build-constraints.txt"
NODE_PACKAGES = ROOT / "local" / "node-requirements.txt"


def python(venv: Path) -> Path:
    """Return the interpreter of the virtual environment `venv`."""
    return venv / "bin" / "python"


def run_directory(port: int) -> Path:
    """Return the folder that belongs to the local cloud on `port` alone, so that two runs never share a file."""
    return LOCAL / f"port-{port}"
