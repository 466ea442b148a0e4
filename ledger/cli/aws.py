"""Clients of the services that journals leave to, with the rights and the endpoint of the environment."""

from typing import Any


def client_of(service: str, endpoint_url: str | None, *, attempts: int) -> Any:
    """Return boto3's client of a service.

    Args:
        endpoint_url: the endpoint, if not that of the environment.
        attempts: how often a call is tried.

    Raises:
        BotoCoreError: the environment has no region.
    """
    # Imported only now: it takes a while, and the other commands can do without.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
    return boto3.session.Session().client(service, endpoint_url=endpoint_url, config=config)
