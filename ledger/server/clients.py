"""Clients of the services that journals leave to, with the rights and the endpoints of the environment."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

NewClient: TypeAlias = Callable[[], Any]
"""Gives a boto3 client, which is safe to use from several threads."""

_CONNECTIONS = 50


@cache
def s3() -> Any:
    """Return the client of this process for S3."""
    return _client("s3")


@cache
def kinesis() -> Any:
    """Return the client of this process for Kinesis. It does not retry, which is for the publisher to do."""
    return _client("kinesis", retries={"total_max_attempts": 1})


def _client(service: str, **options: Any) -> Any:
    # Imported only now: it takes a while, and a server that neither exports nor streams can do without.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(max_pool_connections=_CONNECTIONS, **options)
    return boto3.session.Session().client(service, config=config)
