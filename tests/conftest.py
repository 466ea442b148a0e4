"""Fixtures and settings that all tests share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from local.cloud import Cloud, running_cloud

settings.register_profile(
    "ci", deadline=None, print_blob=True, derandomize=False, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """One local cloud on a free port for all tests of the session, started by the first test that asks for it."""
    with running_cloud() as running:
        yield running
