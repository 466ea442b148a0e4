"""An app of `examples/` as a reader runs it: copied, with the wheel installed, and the project nowhere in sight."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.dependency_layer import installed
from local import cdk, environment, node, paths, process
from local.cloud import Cloud
from tests.deployment import ONE_CALL

EXAMPLES = paths.ROOT / "examples"


@dataclass(frozen=True)
class Example:
    """A copy of an example. `python` is an environment with the wheel and what it depends on."""

    folder: Path
    python: Path

    @staticmethod
    def copied(name: str, to: Path, wheel: Path, python: Path) -> "Example":
        """Copy the example `name` into the folder `to`, and lay the wheel beside it, as its README says.

        The functions' layer is the one that the project has already installed from the same lock.
        """
        folder = Path(shutil.copytree(EXAMPLES / name, to / name))
        shutil.copy(wheel, folder)
        (folder / ".build").mkdir()
        (folder / ".build" / installed().name).symlink_to(installed())
        return Example(folder, python)

    def synthesised(self, **settings: str) -> dict[str, dict[str, Any]]:
        """Give the templates of its stacks by their names, with `settings` in place of values in its cdk.json."""
        self._cdk("synth", "--quiet", *_context(settings), environment=self._environment({}))
        templates = (self.folder / "cdk.out").glob("*.template.json")
        return {path.name.removesuffix(".template.json"): json.loads(path.read_text()) for path in templates}

    def deployed(self, cloud: Cloud, **settings: str) -> cdk.Outputs:
        """Deploy it, and give the outputs of its stacks."""
        target = cdk.of_cloud(cloud)
        chosen = self._environment(target.environment)
        if not _is_bootstrapped(cloud):
            self._cdk("bootstrap", f"aws://{environment.ACCOUNT}/{environment.REGION}", environment=chosen)
        outputs = self.folder / "outputs.json"
        options = ("--all", "--require-approval", "never", "--outputs-file", str(outputs))
        self._cdk("deploy", *options, *_context(settings), environment=chosen)
        return dict(json.loads(outputs.read_text()))

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        runtime = node.find()
        words = [str(self.python.parent), str(runtime.directory), os.environ.get("PATH", os.defpath)]
        quiet = dict.fromkeys(("CDK_DISABLE_CLI_TELEMETRY", "CDK_DISABLE_VERSION_CHECK"), "true")
        path = os.pathsep.join(words)
        return {**environment.base(), **quiet, **variables, "CDK_VALIDATION": "false", "PATH": path}

    def _cdk(self, command: str, *options: str, environment: Mapping[str, str]) -> None:
        words = [str(node.find().program), str(paths.CDK), command, "--no-notices", "--no-color", "--ci", *options]
        log = self.folder / f"cdk-{command}.log"
        process.run(words, log=log, environment=environment, directory=self.folder, cause=cdk.cause, name="cdk")


def environment_with(wheel: Path, folder: Path, *, log: Path) -> Path:
    """Make an environment that has the wheel, and see of the project's own only the packages; return its Python."""
    process.run([sys.executable, "-m", "venv", "--without-pip", folder], log=log)
    python = paths.python(folder)
    (site,) = folder.glob("lib/python*/site-packages")
    (packages,) = paths.VENV.glob("lib/python*/site-packages")
    (site / "packages.pth").write_text(f"{packages}\n")
    install = ("-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    process.run([paths.python(paths.VENV), *install], log=log, directory=folder)
    return python


def invoked(cloud: Cloud, function: str, event: object) -> Any:
    """Give what a function answers. Raises AssertionError with its error if it fails."""
    client = boto3.client("lambda", config=ONE_CALL, **cloud.client_options())
    answer = client.invoke(FunctionName=function, Payload=json.dumps(event))
    payload = json.load(answer["Payload"])
    assert "FunctionError" not in answer, payload
    return payload


def _context(settings: Mapping[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("--context", f"{name}={value}")]


def _is_bootstrapped(cloud: Cloud) -> bool:
    client = boto3.client("cloudformation", **cloud.client_options())
    try:
        return bool(client.describe_stacks(StackName="CDKToolkit")["Stacks"])
    except ClientError:
        return False
