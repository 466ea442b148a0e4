"""`make run` and `make deploy`: the project deployed, shown, and here kept running until it is stopped."""

import json
import re
import shutil

from local import calls, cdk, console, install, paths, web_console
from local.cdk import Outputs
from local.cloud import Cloud, running_cloud
from local.ports import require_free

_BETWEEN_STACKS = ("ExportsOutput", "PublishOutput")  # what the CDK passes from stack to stack, of no use to a person


def run(port: int, console_port: int | None) -> None:
    """Set up, start the local cloud on `port`, deploy to it, say how to call it, and stay until interrupted.

    The cloud enforces IAM, as AWS does. The web console is on `console_port`; see `web_console.running`.
    """
    require_free(port)
    if console_port:
        require_free(console_port, variable="CONSOLE_PORT")
    install.set_up()
    with running_cloud(port, paths.run_directory(port), auth=True) as cloud:
        if cloud.state.continues():
            console.say("going on with the accounts of the last run (to start afresh: make clean-local)")
        outputs = calls.localised(cdk.deploy(cdk.of_cloud(cloud)), cloud.endpoint_url)
        cloud.state.mark_deployed()
        _publish(outputs, cloud)
        _show(outputs, calls.LOCAL_SIGNER)
        with web_console.running(cloud, outputs, console_port) as address:
            console.say(f"\nThe web console, for you alone: {address}")
            console.say(f"The local cloud is at {cloud.endpoint_url} (log: {cloud.log}). Ctrl-C stops everything.")
            cloud.wait()


def deploy(environment: str = "", deployment: str = "") -> None:
    """Set up and deploy to the AWS account and region of the user's credentials: an environment, if one is named."""
    install.set_up()
    target = cdk.of_aws(environment, deployment)
    outputs = cdk.deploy(target)
    _show(outputs, calls.aws_signer(_region(outputs)))
    console.say(f"\nThe outputs are in {target.outputs_file}.")


def clean_local() -> None:
    """Forget what the local clouds keep; refuse while one of them runs."""
    for directory in paths.LOCAL.glob("port-*"):
        require_free(int(directory.name.removeprefix("port-")))
        shutil.rmtree(directory)


def _publish(outputs: Outputs, cloud: Cloud) -> None:
    for folder in (cloud.directory, paths.LOCAL):
        (folder / "outputs.json").write_text(json.dumps(outputs, indent=2) + "\n")
        (folder / "api-url").write_text(f"{calls.api_url(outputs) or ''}\n")


def _show(outputs: Outputs, signer: calls.Signer) -> None:
    for stack, values in outputs.items():
        console.say(f"\n{stack}")
        for name, value in sorted(values.items()):
            if not name.startswith(_BETWEEN_STACKS):
                console.say(f"  {name} = {value}")
    if api := calls.api_url(outputs):
        console.say("\nCall it:")
        for line in calls.curl_lines(api, signer):
            console.say(f"  {line}")


def _region(outputs: Outputs) -> str:
    found = re.search(r"execute-api\.([a-z0-9-]+)\.", calls.api_url(outputs) or "")
    return found[1] if found else "us-east-1"
