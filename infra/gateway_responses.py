"""What API Gateway itself answers when a call does not reach a function, in the form of the functions' answers."""

from collections.abc import Mapping

from aws_cdk import aws_apigateway as apigateway

_MESSAGE = "$context.error.messageString"  # brings its own quotes
_INVALID_BODY = '"$context.error.message: $context.error.validationErrorString"'

_STATUSES = {
    "ACCESS_DENIED": 403,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "DEFAULT_4XX": 400,
    "DEFAULT_5XX": 500,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}


_RETRY_AFTER = {"THROTTLED": {"Retry-After": "'1'"}}


def add_gateway_responses(api: apigateway.RestApi, headers: Mapping[str, str] | None = None) -> None:
    """Answer `{"message", "statuscode"}` for everything that API Gateway refuses, with `headers` (default: none).

    Who calls too fast is told when to come back. Who has used up a quota is not: that can take a month.
    """
    for name, status in _STATUSES.items():
        message = _INVALID_BODY if name == "BAD_REQUEST_BODY" else _MESSAGE
        api.add_gateway_response(
            f"Response{name.title().replace('_', '')}",
            type=apigateway.ResponseType.of(name),
            status_code=str(status),
            response_headers={**(headers or {}), **_RETRY_AFTER.get(name, {})} or None,
            templates={"application/json": f'{{"message":{message},"statuscode":{status}}}'},
        )
