"""The official Node.js driver over HTTP: one test here for each of `node/driver.test.mjs` together, on each store."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local import node, paths
from tests.server.processes import Server, running

SOURCES = Path(__file__).parent / "node"
MANY = ("--limit", "active_ledgers=10000")
HASTY = ("--limit", "transaction_seconds=0.1", *MANY)


@pytest.fixture(scope="session")
def packages() -> Path:
    """A folder with the driver and the tests of it; what npm installs is kept for the next run."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    folder = paths.LOCAL / "node-driver" / hashlib.sha256(lock).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for source in SOURCES.iterdir():
            shutil.copy(source, folder)
        if not (folder / "installed").exists():
            install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run([*node.find().npm, *install], cwd=folder, env=environment(), check=True, timeout=300)
            (folder / "installed").touch()
    return folder


def environment(server: Server | None = None, **more: str) -> dict[str, str]:
    found = server.environment if server else {}
    return {**os.environ, "PATH": node.on_path(node.find(), os.environ["PATH"]), **found, **more}


def run_tests(packages: Path, server: Server, hasty: Server) -> None:
    for name, each in (("node-driver", server), ("node-driver-hasty", hasty)):
        qldb = each.client()
        qldb.create_ledger(Name=name, PermissionsMode="ALLOW_ALL")
        qldb.close()
    ended = subprocess.run(
        [node.find().program, "--test", "--test-reporter=tap", "driver.test.mjs"],
        cwd=packages,
        env=environment(server, LEDGER="node-driver", HASTY_URL=hasty.url, TOO_LONG="200"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "\n# fail 0\n" in ended.stdout
    assert "\n# skipped 0\n" in ended.stdout


def test_the_node_driver_passes_its_tests_on_sqlite(packages, tmp_path):
    data, hasty_data = str(tmp_path / "data"), str(tmp_path / "hasty")
    with running("--data", data, *MANY) as server, running("--data", hasty_data, *HASTY) as hasty:
        run_tests(packages, server, hasty)


def test_the_node_driver_passes_its_tests_on_dynamodb(packages, cloud, table):
    place, of_cloud = ("--store", f"dynamodb://{table}"), cloud.environment()
    with running(*place, *MANY, environment=of_cloud) as server, running(*place, *HASTY, environment=of_cloud) as hasty:
        run_tests(packages, server, hasty)
