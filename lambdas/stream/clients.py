"""The functions' clients of AWS: made from the environment, with time-outs far below a function's own."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
    tcp_keepalive=True,
)


def client(service: str) -> Any:
    """Return a client; it retries what is throttled or lost three times, so calls through it MUST bear repetition."""
    return boto3.client(service, config=_CONFIG)
