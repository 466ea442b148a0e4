"""The app synthesised in this process, without the CDK's own validation, which one test of its own runs."""

import atexit
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from environments import ENVIRONMENTS
from infra.deployment import Deployment
from infra.function_code import ROOT
from infra.settings import Settings
from tests.infra.shared_folder import SharedFolder

CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]

_SCRATCH = TemporaryDirectory(prefix="cdk-out-")
atexit.register(_SCRATCH.cleanup)
SHARED = SharedFolder.of_the_session()


def new_outdir() -> str:
    """Give an empty folder for an assembly; it is removed when the tests end."""
    return mkdtemp(dir=_SCRATCH.name)


@dataclass(frozen=True)
class Synthesis:
    """The templates of the stacks, by the last part of their names, and the folder that holds the assembly."""

    stacks: dict[str, dict[str, Any]]
    directory: Path

    @property
    def ledger(self) -> dict[str, Any]:
        return self.stacks["ledger"]

    @property
    def stream(self) -> dict[str, Any]:
        return self.stacks["stream"]

    @property
    def evidence(self) -> dict[str, Any]:
        return self.stacks["evidence"]

    @property
    def wallet(self) -> dict[str, Any]:
        return self.stacks["wallet"]

    def templates(self) -> tuple[dict[str, Any], ...]:
        return tuple(self.stacks.values())


OTHERWISE = {
    "architecture": "x86_64",
    "cache_seconds": 0,
    "ledger_name": "books",
    "log_retention_days": 7,
    "stage": "live",
}
"""One value of each setting that is not the default, and that no other setting depends on."""


@cache
def synthesised(**settings: Any) -> Synthesis:
    """Give the app's templates with `settings` instead of those in cdk.json.

    Each combination is made once in a session of tests: processes that share one wait for who is at it, and read it.
    """
    folder = SHARED.folder / hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()
    with SHARED.alone(folder.name):
        index = folder / "stacks.json"
        if not index.exists():
            names = _synthesise(folder, settings)
            index.write_text(json.dumps(names))
    return Synthesis({last: _template(folder, name) for last, name in json.loads(index.read_text()).items()}, folder)


def _synthesise(folder: Path, settings: Mapping[str, Any]) -> dict[str, str]:
    app = App(context=CONTEXT, outdir=str(folder), builtin_cloud_formation_validation=False)
    stacks = add_stacks(app, **settings).stacks()
    app.synth()
    return {last: stack.stack_name for last, stack in stacks.items()}


def add_stacks(app: App, **settings: Any) -> Deployment:
    return Deployment.define(app, Settings.from_context({**CONTEXT, **settings}, ENVIRONMENTS))


def scratch_stack() -> Stack:
    """Give an empty stack to try one construct in."""
    app = App(context=CONTEXT, outdir=new_outdir(), builtin_cloud_formation_validation=False)
    return Stack(app, "Scratch")


def scratch_role(stack: Stack) -> iam.Role:
    return iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def template_of(stack: Stack) -> dict[str, Any]:
    return dict(Template.from_stack(stack).to_json())


def resources(template: Mapping[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Give the resources of one CloudFormation type by their logical ids."""
    return {name: body for name, body in template["Resources"].items() if body["Type"] == kind}


def only(template: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Give the one resource of a type."""
    (found,) = resources(template, kind).values()
    return found


def statements(template: Mapping[str, Any], role: str) -> Iterator[dict[str, Any]]:
    """Give the statements of all policies of the role whose logical id begins with `role`."""
    for policy in resources(template, "AWS::IAM::Policy").values():
        if any(reference["Ref"].startswith(role) for reference in policy["Properties"]["Roles"]):
            yield from policy["Properties"]["PolicyDocument"]["Statement"]


def actions(statement: Mapping[str, Any]) -> set[str]:
    found = statement["Action"]
    return {found} if isinstance(found, str) else set(found)


def allowed(template: Mapping[str, Any], role: str) -> set[str]:
    """Give every action that a role may take."""
    return {action for statement in statements(template, role) for action in actions(statement)}


def _template(directory: Path, stack: str) -> dict[str, Any]:
    return dict(json.loads((directory / f"{stack}.template.json").read_text()))
