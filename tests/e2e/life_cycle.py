"""A deployment of the project that is changed, destroyed and made again, beside the one that all tests share."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import boto3

from local import calls, cdk, paths
from local.cloud import Cloud
from tests.deployment import Deployed

APP = Path(__file__).with_name("changed_app.py")
NAME = "cycle"


class LifeCycle:
    """`deployed` is how the deployment stands. Every failure of the CDK CLI is a LocalError with its reason."""

    def __init__(self, cloud: Cloud) -> None:
        """Bootstrap the cloud, and deploy to it for the first time."""
        target = cdk.of_cloud(cloud)
        self.target = replace(
            target,
            directory=cloud.directory / NAME,
            environment={**target.environment, "PYTHONPATH": str(paths.ROOT)},
            settings={**target.settings, "deployment": NAME},
        )
        self.cloud = cloud
        self.target.directory.mkdir()
        unchanged = self.synthesised()
        cdk.run(self.target, "bootstrap", "--app", str(unchanged))
        self.unchanged = unchanged
        self.deployed = self.deploy(unchanged)

    def synthesised(self, **context: str) -> Path:
        """Give an assembly of the templates that this context makes, besides the usual one."""
        assembly = self.target.directory / "-".join(["cdk.out", *context])
        words = [f"{name}={value}" for name, value in {**self.target.settings, **context}.items()]
        options = [word for pair in words for word in ("--context", pair)]
        cdk.run(
            self.target, "synth", "--quiet", "--app", f"{sys.executable} {APP}", "--output", str(assembly), *options
        )
        return assembly

    def deploy(self, assembly: Path, *stacks: str) -> Deployed:
        """Deploy all stacks of an assembly, or those given and no other."""
        chosen = ("--exclusively", *(f"{NAME}-{stack}" for stack in stacks)) if stacks else ("--all",)
        outputs_file = ("--outputs-file", str(self.target.outputs_file))
        cdk.run(self.target, "deploy", *chosen, "--require-approval", "never", *outputs_file, "--app", str(assembly))
        if stacks:
            return self.deployed
        outputs = calls.localised(cdk.read_outputs(self.target), self.cloud.endpoint_url)
        self.deployed = Deployed(self.cloud, self.target, outputs, calls.api_url(outputs))
        return self.deployed

    def stacks_that_differ(self, assembly: Path) -> int:
        """Give how many stacks `cdk diff` finds changes in."""
        cdk.run(self.target, "diff", "--all", "--app", str(assembly))
        said = (self.target.directory / "cdk-diff.log").read_text()
        return int(re.findall(r"Number of stacks with differences: (\d+)", said)[0])

    def destroy(self) -> None:
        """Destroy all stacks."""
        cdk.run(self.target, "destroy", "--all", "--force", "--app", str(self.unchanged))

    def adopt(self, stack: str, resources: dict[str, dict[str, str]]) -> None:
        """Make a stack of resources that exist: logical id -> what CloudFormation knows each by."""
        mapping = self.target.directory / "mapping.json"
        mapping.write_text(json.dumps(resources))
        options = ("--resource-mapping", str(mapping), "--app", str(self.unchanged))
        cdk.run(self.target, "import", f"{NAME}-{stack}", "--force", *options)

    def client(self, service: str) -> boto3.client:
        """Give a client of the cloud."""
        return boto3.client(service, **self.cloud.client_options())
