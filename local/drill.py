"""`make tamper-drill`: the project deployed to a local cloud of its own, and somebody who tries to change its past."""

import subprocess
from dataclasses import replace

from local import cdk, console, install, paths
from local.cloud import running_cloud

# What watches over the ledger is called by the drill, and not by the clock meanwhile; what a drill has no use of is
# left out.
_SETTINGS = {
    "notary_minutes": "480",
    "audit_minutes": "480",
    "journal_archive": "false",
    "transaction_view": "false",
    "balance_alerts": "false",
}


def run(transactions: int) -> int:
    """Set up, deploy to a cloud that vanishes at the end, and make the drill; return its exit code."""
    install.set_up()
    with running_cloud() as cloud:
        target = cdk.of_cloud(cloud)
        target = replace(target, settings={**target.settings, **_SETTINGS})
        cdk.deploy(target)
        console.say("deployed; now the drill")
        words = ["-m", "drill", "--outputs", str(target.outputs_file), "--transactions", str(transactions)]
        program = str(paths.python(paths.VENV))
        return subprocess.run([program, *words], cwd=paths.ROOT, env=cloud.environment(), check=False).returncode
