"""The console as an ASGI application: pages, their files, and the API, behind the guard."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ledger.console import answers
from ledger.console.api import Api
from ledger.console.guard import Guard
from ledger.errors import InvalidParameterException
from ledger.server import bodies
from ledger.server.call import Call, Result

_BODY_BYTES = 4 * 1024 * 1024


def application(api: Api, token: str, port: int) -> ASGIApp:
    """Return the application.

    Args:
        token: whoever opens `/?token=...` with it is let in.
        port: on which it is served.
    """
    routes = [
        Route("/", _index),
        Route("/static/{name:path}", _static),
        *(Route(path, _endpoint(operation), methods=[method]) for method, path, operation in api.operations()),
    ]
    starlette = Starlette(routes=routes)
    starlette.router.redirect_slashes = False
    return Guard(starlette, token, [f"{host}:{port}" for host in ("127.0.0.1", "localhost")])


async def _index(request: Request) -> Response:  # noqa: ARG001 - it is the same for all
    return answers.page("index.html")


async def _static(request: Request) -> Response:
    return answers.file(request.path_params["name"], request.headers.get("if-none-match"))


def _endpoint(operation: Callable[[Call], Result]) -> Callable[[Request], Any]:
    def answered(call: Call) -> Response:
        try:
            return answers.of_result(operation(call))
        except Exception as error:
            return answers.of_error(error)

    async def endpoint(request: Request) -> Response:
        try:
            members = bodies.read_object(await _body(request))
            query = parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=100)
        except Exception as error:
            return answers.of_error(error)
        return await run_in_threadpool(answered, Call(request.path_params, query, members))

    return endpoint


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > _BODY_BYTES:
                raise InvalidParameterException(f"the body has more than {_BODY_BYTES} bytes", "body")
    except ClientDisconnect:
        raise InvalidParameterException("the client left before its body was whole", "body") from None
    return b"".join(chunks)
