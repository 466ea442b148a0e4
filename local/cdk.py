"""The CDK command line tool: synthesise, bootstrap where that was never done, deploy; the same for AWS and for here."""

import json
import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local import console, node, paths, process
from local.cloud import Cloud
from local.errors import LocalError

Outputs = dict[str, dict[str, str]]
"""What the stacks give away: stack name -> output name -> value."""

_COMMON = ("--no-notices", "--no-color", "--ci")
_NOT_BOOTSTRAPPED = "Has the environment been bootstrapped?"
_FAILED_RESOURCE = re.compile(r"\| \w+_FAILED +\| (\S+) +\| (\S.*)$", re.MULTILINE)
_NOISE = re.compile(r"Subprocess exited with error|^Found errors$|^\s|^CloudTrail delivery|^Source Location")


@dataclass(frozen=True)
class Target:
    """Where to deploy: the environment variables that say which AWS, and a folder that belongs to this target alone.

    `settings` replace values of the context in `cdk.json`.
    """

    environment: Mapping[str, str]
    directory: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def outputs_file(self) -> Path:
        """Where the CDK CLI leaves the outputs."""
        return self.directory / "outputs.json"

    @property
    def assembly(self) -> Path:
        """Where the synthesised templates and assets lie."""
        return self.directory / "cdk.out"


def of_cloud(cloud: Cloud) -> Target:
    """Return the target that is the local `cloud`: with no call to the outside, and the CLI's caches in its folder."""
    quiet = {
        "CDK_HOME": str(cloud.directory / "cdk-home"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
        "CDK_VALIDATION": "false",
    }
    return Target(cloud.environment() | quiet, cloud.directory, {"architecture": _architecture()})


def _architecture() -> str:
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"


def of_aws(environment: str = "", deployment: str = "") -> Target:
    """Return the target that the user's own AWS settings mean, for an environment and under a deployment's name.

    Both may be left out: then there are the defaults, or the environment's own name.
    """
    given = {"environment": environment, "deployment": deployment}
    settings = {name: value for name, value in given.items() if value}
    return Target(dict(os.environ), paths.LOCAL / "-".join(["aws", *settings.values()]), settings)


def deploy(target: Target) -> Outputs:
    """Deploy all stacks to `target` and return their outputs.

    Raises LocalError with the reason that the app or CloudFormation gives.
    """
    target.directory.mkdir(parents=True, exist_ok=True)
    with console.step("synthesising the templates"):
        run(target, "synth", "--quiet", "--output", str(target.assembly), *_context(target))
    try:
        _deploy(target)
    except NotBootstrappedError:
        with console.step("bootstrapping this account and region for the CDK"):
            run(target, "bootstrap", *_from_assembly(target))
        _deploy(target)
    return read_outputs(target)


def _context(target: Target) -> list[str]:
    return [word for name, value in target.settings.items() for word in ("--context", f"{name}={value}")]


def _deploy(target: Target) -> None:
    target.outputs_file.unlink(missing_ok=True)
    options = ("--require-approval", "never", "--outputs-file", str(target.outputs_file), *_from_assembly(target))
    with console.step("deploying the stacks"):
        run(target, "deploy", "--all", *options)


def _from_assembly(target: Target) -> tuple[str, str]:
    return "--app", str(target.assembly)


def run(target: Target, command: str, *options: str) -> None:
    """Run one command of the CDK CLI against `target`, its output in a log of the target's folder."""
    runtime = node.find()
    environment = {**target.environment, "PATH": node.on_path(runtime, target.environment.get("PATH", os.defpath))}
    log = target.directory / f"cdk-{command}.log"
    try:
        words = [str(runtime.program), str(paths.CDK), command, *_COMMON, *options]
        process.run(words, log=log, environment=environment, cause=cause, name=f"cdk {command}")
    except LocalError:
        if log.exists() and _NOT_BOOTSTRAPPED in log.read_text(errors="replace"):
            raise NotBootstrappedError(f"cdk {command}: the account and region are not bootstrapped") from None
        raise


class NotBootstrappedError(LocalError):
    """The account and region lack what `cdk bootstrap` makes."""


def cause(output: str) -> str:
    """Return why the CDK CLI with this `output` failed: CloudFormation's reason, or the app's own error."""
    failures = {f"{resource}: {reason}" for resource, reason in _FAILED_RESOURCE.findall(output)}
    if failures:
        return "; ".join(sorted(failures))
    meaningful = [line for line in output.splitlines() if line.strip() and not _NOISE.search(line)]
    return process.last_line("\n".join(meaningful)) or "it gave no reason"


def read_outputs(target: Target) -> Outputs:
    """Return what the last deployment to `target` gave."""
    if not target.outputs_file.exists():
        return {}
    outputs: Outputs = json.loads(target.outputs_file.read_text())
    return outputs
