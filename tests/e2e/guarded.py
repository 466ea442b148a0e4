"""The project on a cloud that checks signatures and IAM policies, which can be deployed again with other settings."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from local import calls, cdk, paths
from local.cdk import Target
from local.cloud import Cloud
from tests.deployment import Deployed

APP = Path(__file__).with_name("guarded_app.py")


@dataclass
class Guarded:
    """A deployment of `guarded_app.py`; `deployed` is how it stands now."""

    cloud: Cloud
    target: Target
    deployed: Deployed

    @staticmethod
    def on(cloud: Cloud) -> "Guarded":
        """Bootstrap the cloud and deploy to it."""
        target = cdk.of_cloud(cloud)
        target = replace(target, environment={**target.environment, "PYTHONPATH": str(paths.ROOT)})
        _synthesise(target)
        cdk.run(target, "bootstrap", *_assembly(target))
        return Guarded(cloud, target, _deploy(cloud, target))

    def update(self, **settings: str) -> None:
        """Deploy with these settings replaced."""
        self.target = replace(self.target, settings={**self.target.settings, **settings})
        _synthesise(self.target)
        self.deployed = _deploy(self.cloud, self.target)

    def destroy(self) -> None:
        """Destroy all stacks."""
        cdk.run(self.target, "destroy", "--all", "--force", *_assembly(self.target))

    def deploy_again(self) -> None:
        """Deploy what was destroyed."""
        self.deployed = _deploy(self.cloud, self.target)


def _synthesise(target: Target) -> None:
    target.directory.mkdir(parents=True, exist_ok=True)
    context = [word for name, value in target.settings.items() for word in ("--context", f"{name}={value}")]
    app = f"{sys.executable} {APP}"
    cdk.run(target, "synth", "--quiet", "--app", app, "--output", str(target.assembly), *context)


def _deploy(cloud: Cloud, target: Target) -> Deployed:
    outputs_file = ("--outputs-file", str(target.outputs_file))
    cdk.run(target, "deploy", "--all", "--require-approval", "never", *outputs_file, *_assembly(target))
    outputs = calls.localised(cdk.read_outputs(target), cloud.endpoint_url)
    return Deployed(cloud, target, outputs, calls.api_url(outputs))


def _assembly(target: Target) -> tuple[str, str]:
    return "--app", str(target.assembly)
