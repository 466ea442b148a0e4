"""Fixtures and settings that all tests share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from local.cloud import Cloud, running_cloud
from tests.deployment import Deployed, deploy

for name in [name for name in os.environ if name.startswith(("AWS_", "CDK_"))]:
    del os.environ[name]  # no test may ever reach the account of the person who runs it
os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
for name in ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "PYTHON_COLORS"):
    os.environ.pop(name, None)  # what programs print is compared, and is to look everywhere the same

in_any_time = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", in_any_time, print_blob=True, derandomize=False)
settings.register_profile("dev", in_any_time)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """One local cloud for all tests of the session, started by the first test that asks for it; it enforces IAM."""
    with running_cloud(auth=True) as running:
        yield running


@pytest.fixture(scope="session")
def deployed(cloud: Cloud) -> Deployed:
    """The project, deployed once for all tests of the session."""
    return deploy(cloud)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have measured with `record_property`."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            terminalreporter.line(f"measured: {name}: {value}")
