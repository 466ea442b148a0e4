"""Answers as SDKs read them: JSON, and for errors the name in a header and in `__type`."""

from starlette.requests import Request
from starlette.responses import Response

from ledger.errors import ApiError, QldbError
from ledger.server import bodies

SESSION_TYPE, CONTROL_TYPE = "application/x-amz-json-1.0", "application/json"


def of_result(request: Request, body: bytes) -> Response:
    """Return the answer to a request that was carried out."""
    return Response(body, media_type=_media_type(request))


def of_error(request: Request, error: Exception) -> Response:
    """Return the answer to a request that was refused.

    Some SDKs take the error's name from the header, some from a member `code`, and some from `__type`. QLDB's own
    `Code` is a number that would be mistaken for the name, so the header always goes along.
    """
    name, status, members = _described(error)
    body = bodies.write({"__type": name, **members})
    return Response(body, status, {"x-amzn-errortype": name}, _media_type(request))


def _described(error: Exception) -> tuple[str, int, dict[str, str]]:
    if isinstance(error, QldbError):
        code = {} if error.code is None else {"Code": error.code}
        return error.name, error.status, {"Message": error.message, **code}
    if isinstance(error, ApiError):
        return error.wire_name, error.status, {"Message": error.message, **error.members}
    raise error


def _media_type(request: Request) -> str:
    return SESSION_TYPE if request.scope["path"] == "/" else CONTROL_TYPE
