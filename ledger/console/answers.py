"""Answers: JSON, and the files of the pages, which are read once when the console starts."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import Response

from ledger.console.errors import described
from ledger.server import bodies

_STATIC = Path(__file__).parent / "static"
# The very file that auditors run.
_VERIFIER = Path(__file__).parents[2] / "verifier" / "verify.js"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_NOT_KEPT = {"Cache-Control": "no-store"}


def of_result(result: Mapping[str, Any]) -> Response:
    """Return the answer to a request that was carried out."""
    return Response(bodies.write(result), headers=_NOT_KEPT, media_type="application/json")


def of_error(error: Exception) -> Response:
    """Return the answer to a request that failed."""
    status, told = described(error)
    return Response(bodies.write(told), status, _NOT_KEPT, "application/json")


def page(name: str, status: int = 200) -> Response:
    """Return a page of HTML."""
    return Response(_files()[name], status, _NOT_KEPT, _TYPES[".html"])


def file(name: str, known: str | None) -> Response:
    """Return a file that pages load; 304 if the browser has it, 404 if there is none of this name.

    Args:
        known: the tag of the copy that the browser has.
    """
    content = _files().get(name)
    if content is None:
        return Response("there is no such file", 404, _NOT_KEPT, "text/plain")
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if known == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=_TYPES[Path(name).suffix])


@cache
def _files() -> Mapping[str, bytes]:
    paths = [path for path in _STATIC.rglob("*") if path.suffix in _TYPES]
    return {path.relative_to(_STATIC).as_posix(): path.read_bytes() for path in paths} | {
        _VERIFIER.name: _VERIFIER.read_bytes()
    }
