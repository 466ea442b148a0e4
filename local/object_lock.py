"""Run in the cloud's own process: completes what it lacks for buckets in which nothing can be written over.

- Object Lock that CloudFormation gives a bucket. Locks that are set by a call it knows by itself.
- `s3:if-none-match`, the condition by which a policy asks that a write be the first.
"""
# ruff: noqa: SLF001 - the cloud has no other way to be completed

from functools import partial, wraps
from typing import Any

from ministack.core import iam_actions
from ministack.services import s3
from ministack.services.cloudformation import provisioners

_BUCKET = "AWS::S3::Bucket"
_IF_NONE_MATCH = "if-none-match"


def complete() -> None:
    """Put what is missing into the cloud, before it serves."""
    handlers = provisioners._RESOURCE_HANDLERS[_BUCKET]
    handlers["create"] = _with_lock(handlers["create"], 1)
    handlers["update"] = _with_lock(handlers["update"], 2)
    iam_actions.s3_service_context = partial(_context, iam_actions.s3_service_context)


def _with_lock(handle: Any, properties_at: int) -> Any:
    @wraps(handle)
    def handled(*args: Any, **options: Any) -> Any:
        name, attributes = handle(*args, **options)
        properties = args[properties_at]
        asked = properties.get("ObjectLockConfiguration", {})
        if str(properties.get("ObjectLockEnabled", "false")).lower() == "true":
            retention = asked.get("Rule", {}).get("DefaultRetention")
            s3._bucket_object_lock[name] = {"enabled": True, "default_retention": retention and _retention(retention)}
        return name, attributes

    return handled


def _retention(given: dict[str, Any]) -> dict[str, Any]:
    periods = {period: int(given[period]) for period in ("Days", "Years") if period in given}
    return {"Mode": given["Mode"]} | periods


def _context(
    known: Any, action: str, query: dict[str, Any] | None, path: str = "", headers: dict[str, str] | None = None
) -> dict[str, Any]:
    found: dict[str, Any] = known(action, query, path, headers)
    condition = (headers or {}).get(_IF_NONE_MATCH)
    return {**found, f"s3:{_IF_NONE_MATCH}": condition} if condition and action == "s3:PutObject" else found
