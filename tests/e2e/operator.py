"""Somebody who follows the runbook in a shell, word by word."""

import os
import re
import subprocess
import sys
from pathlib import Path

from local import node, paths
from tests.deployment import Deployed
from tests.infra.runbook import entries


class Operator:
    """A shell in a folder of its own, set up for a deployment as the runbook says at its beginning.

    `aws` is `tests/aws_cli.py`, and `cdk` the project's.
    """

    def __init__(self, deployed: Deployed, folder: Path) -> None:
        self.folder, self._deployed = folder, deployed
        (folder / ".venv").symlink_to(paths.VENV)
        self._tool("aws", f'exec "{sys.executable}" -m tests.aws_cli "$@"')
        options = " ".join(f"-c {name}={value}" for name, value in deployed.target.settings.items())
        app = f'--app "{sys.executable} {paths.ROOT / "app.py"}" --output "{folder / "cdk.out"}"'
        unattended = '[ "$1" != deploy ] || set -- "$@" --require-approval never'
        command = f'exec "{node.find().program}" "{paths.CDK}" "$@" {options} {app} --no-color --ci'
        self._tool("cdk", f"{unattended}\n{command}")
        setting_up, _for_the_local_cloud, *helpers = code("Before you begin", None)
        self._before = [setting_up, *(block.replace("functions wallet\n", "") for block in helpers)]

    def _tool(self, name: str, command: str) -> None:
        tool = self.folder / name
        tool.write_text(f"#!/bin/sh\n{command}\n")
        tool.chmod(0o755)

    def does(self, *blocks: str) -> subprocess.CompletedProcess[str]:
        """Type blocks of the runbook into one shell, which stops at the first command that fails."""
        environment = {
            **self._deployed.target.environment,
            "PATH": os.pathsep.join([str(self.folder), os.environ["PATH"]]),
            "PYTHONPATH": str(paths.ROOT),
        }
        script = "\n".join(["set -e", *self._before, *blocks])
        return subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )


def code(chapter: str, entry: str | None) -> list[str]:
    """Give the blocks of shell code of an entry of the runbook, or of a whole chapter."""
    text = entries(chapter)[entry] if entry else chapter_text(chapter)
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def chapter_text(chapter: str) -> str:
    """Give the text of a chapter of the runbook."""
    text = (paths.ROOT / "docs" / "runbook.md").read_text()
    (found,) = re.findall(rf"^## {chapter}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return str(found)
