"""The server as an ASGI application: which operation a request means, and what surrounds every request."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ledger.errors import ApiError, InvalidParameterException, QldbError
from ledger.server import answers, bodies, commands
from ledger.server.call import Call
from ledger.server.control import ControlPlane
from ledger.server.errors import UnknownOperationException
from ledger.server.reception import Received, Reception
from ledger.server.surroundings import Surroundings, request_id
from ledger.session.service import SessionService

Operation = Callable[[Call], Mapping[str, Any]]


def application(service: SessionService, control: ControlPlane, reception: Reception) -> ASGIApp:
    """Return the application that speaks both APIs.

    Args:
        reception: reads and admits requests, and lends the threads that carry them out.
    """
    routes = [Route("/", _session_endpoint(service, reception), methods=["POST"])]
    for method, path, operation in _operations(control):
        routes.append(Route(path, _control_endpoint(operation, reception), methods=[method]))
    handlers: dict[Any, Any] = {
        ApiError: answers.of_error,
        QldbError: answers.of_error,
        HTTPException: _unknown_operation,
    }
    starlette = Starlette(routes=routes, exception_handlers=handlers)
    starlette.router.redirect_slashes = False
    return Surroundings(starlette)


def _session_endpoint(service: SessionService, reception: Reception) -> Callable[..., Any]:
    async def endpoint(request: Request) -> Response:
        _check_target(request)
        identity = request_id(request.scope)
        return await reception.answer(request, lambda received: commands.send_command(service, received.body, identity))

    return endpoint


def _control_endpoint(operation: Operation, reception: Reception) -> Callable[..., Any]:
    def work(received: Received) -> Mapping[str, Any]:
        path = {name: unquote(part) for name, part in received.path.items()}
        return operation(Call(path, _query(received.query), bodies.read_object(received.body)))

    async def endpoint(request: Request) -> Response:
        return await reception.answer(request, work)

    return endpoint


def _check_target(request: Request) -> None:
    target = request.headers.get("x-amz-target", "")
    if target != commands.TARGET:
        raise UnknownOperationException(f"X-Amz-Target is {target!r}: send {commands.TARGET}")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != answers.SESSION_TYPE:
        raise UnknownOperationException(f"Content-Type is {media_type!r}: send {answers.SESSION_TYPE}")


def _query(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise InvalidParameterException("the query has too many parameters", "query") from None


def _unknown_operation(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    unknown = UnknownOperationException(f"no operation has method {request.method} and this path")
    unknown.status = status
    return answers.of_error(request, unknown)


def _operations(control: ControlPlane) -> list[tuple[str, str, Operation]]:
    ledger, streams_of_ledger = "/ledgers/{name}", "/ledgers/{name}/journal-kinesis-streams"
    journals, exports, streams, tagging = control.journals, control.exports, control.streams, control.tagging
    return [
        ("POST", "/ledgers", control.create_ledger),
        ("GET", "/ledgers", control.list_ledgers),
        ("GET", ledger, control.describe_ledger),
        ("PATCH", ledger, control.update_ledger),
        ("DELETE", ledger, control.delete_ledger),
        ("PATCH", f"{ledger}/permissions-mode", control.update_permissions_mode),
        # An ARN is one percent-encoded segment; who leaves its slash as it is means the same.
        ("POST", "/tags/{arn:path}", tagging.tag_resource),
        ("DELETE", "/tags/{arn:path}", tagging.untag_resource),
        ("GET", "/tags/{arn:path}", tagging.list_tags),
        ("POST", f"{ledger}/digest", journals.get_digest),
        ("POST", f"{ledger}/block", journals.get_block),
        ("POST", f"{ledger}/revision", journals.get_revision),
        ("POST", f"{ledger}/journal-s3-exports", exports.export_journal),
        ("GET", f"{ledger}/journal-s3-exports", exports.list_exports_of_ledger),
        ("GET", f"{ledger}/journal-s3-exports/{{id}}", exports.describe_export),
        ("GET", "/journal-s3-exports", exports.list_exports),
        ("POST", streams_of_ledger, streams.stream_journal),
        ("GET", streams_of_ledger, streams.list_streams),
        ("GET", f"{streams_of_ledger}/{{id}}", streams.describe_stream),
        ("DELETE", f"{streams_of_ledger}/{{id}}", streams.cancel_stream),
    ]
