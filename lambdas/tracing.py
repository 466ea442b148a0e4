"""Subsegments of X-Ray's traces: what a call did, and how long each part took.

They go to the daemon beside the function, in its own protocol, which needs no package: the SDK for X-Ray, which
Powertools' tracer wraps, is only maintained now, and adds hundreds of milliseconds to each cold start. A name is a word
of the code and an annotation is a number, so nothing that a caller sent can get into a trace.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

Annotations = dict[str, bool | int | float]

_HEADER: Final = b'{"format": "json", "version": 1}\n'
_parent: ContextVar[str | None] = ContextVar("parent", default=None)


@contextmanager
def subsegment(name: str) -> Iterator[Annotations]:
    """Trace the block under `name`, within the subsegment that it is in, with the annotations that it sets.

    What the block raises goes on, and marks the subsegment as a fault, by nothing but that. Tracing itself never
    raises, and does nothing where the call is not sampled.
    """
    annotations: Annotations = {}
    trace = _trace()
    if trace is None:
        yield annotations
        return
    root, function = trace
    own, started, fault = secrets.token_hex(8), time.time(), True
    before = _parent.set(own)
    try:
        yield annotations
        fault = False
    finally:
        _parent.reset(before)
        parent = _parent.get() or function
        times = {"start_time": started, "end_time": time.time()}
        _send({"name": name, "id": own, "trace_id": root, "parent_id": parent, **times, "fault": fault}, annotations)


def _trace() -> tuple[str, str] | None:
    """Give the trace that Lambda has put this call in, and the function's own segment, if the call is sampled."""
    fields = dict(part.split("=", 1) for part in os.environ.get("_X_AMZN_TRACE_ID", "").split(";") if "=" in part)
    if fields.get("Sampled") != "1" or "Root" not in fields or "Parent" not in fields:
        return None
    return fields["Root"], fields["Parent"]


def _send(document: dict[str, Any], annotations: Annotations) -> None:
    host, _, port = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "").partition(":")
    numbers = {name: value for name, value in annotations.items() if isinstance(value, bool | int | float)}
    body = json.dumps({"type": "subsegment", **document, "annotations": numbers}).encode()
    with suppress(OSError, ValueError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.setblocking(False)
        daemon.sendto(_HEADER + body, (host, int(port)))
