"""What surrounds every request: its id, the line in the log, the path as it was sent."""

import logging
import time

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.ids import new_id
from ledger.server import answers
from ledger.server.errors import AccessDeniedException

_LOG = logging.getLogger("ledger.server.access")
_STATE = "ledger.request_id"


def request_id(scope: Scope) -> str:
    """Return the id of the request, which its answer carries."""
    return str(scope[_STATE])


class Surroundings:
    """Gives each request an id, logs it, and refuses those that a web page sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started, status, identity = time.perf_counter(), 0, new_id()
        # Routes see the path as it was sent: an ARN in it has slashes of its own, percent-encoded.
        scope = {**scope, "path": scope["raw_path"].decode("latin-1"), _STATE: identity}

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-amzn-RequestId", identity.encode()))
            await send(message)

        await self._choose(scope)(scope, receive, send_with_id)
        _LOG.info("%s %s %d %.1f ms %s", *_target(scope), status, 1000 * (time.perf_counter() - started), identity)

    def _choose(self, scope: Scope) -> ASGIApp:
        # Only browsers send Origin. A page that somebody looks at must not reach a server on the same machine.
        if any(name == b"origin" for name, _ in scope["headers"]):
            refused = AccessDeniedException("requests from web pages are not allowed")
            return answers.of_error(Request(scope), refused)
        return self._app


def _target(scope: Scope) -> tuple[str, str]:
    targets = [value for name, value in scope["headers"] if name == b"x-amz-target"]
    shown = targets[0] if scope["path"] == "/" and targets else scope["raw_path"]
    return scope["method"], repr(shown[:200].decode("latin-1"))[1:-1]
