"""The bucket that an export goes to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from ledger.errors import InvalidParameterException
from ledger.export.errors import ExportFailedError
from ledger.export.request import Encryption, ExportRequest, OutputFormat

_CONTENT_TYPES = {
    OutputFormat.ION_TEXT: "text/plain",
    OutputFormat.ION_BINARY: "application/octet-stream",
    OutputFormat.JSON: "application/x-ndjson",
}


class Bucket:
    """Writes the objects of one export, under its prefix and with its encryption."""

    def __init__(self, client: Any, request: ExportRequest) -> None:
        """Write through a boto3 S3 client."""
        self._client = client
        self._request = request
        self._options = {
            "Bucket": request.bucket,
            "ContentType": _CONTENT_TYPES[request.output_format or OutputFormat.ION_TEXT],
            **_encryption(request),
        }

    def key(self, path: str) -> str:
        """Return the key of an object: the prefix, a slash unless it has one or is empty, and the path."""
        prefix = self._request.prefix
        return f"{prefix}{'' if not prefix or prefix.endswith('/') else '/'}{path}"

    def put(self, path: str, body: bytes) -> str:
        """Write an object, over one of the same name, and return its key.

        Raises:
            ClientError: S3 refuses or fails.
        """
        key = self.key(path)
        self._client.put_object(Key=key, Body=body, **self._options)
        return key


def _encryption(request: ExportRequest) -> dict[str, str]:
    match request.encryption:
        case Encryption.SSE_S3:
            return {"ServerSideEncryption": "AES256"}
        case Encryption.SSE_KMS:
            key = {"SSEKMSKeyId": request.kms_key} if request.kms_key else {}
            return {"ServerSideEncryption": "aws:kms", **key}
        case Encryption.NO_ENCRYPTION:
            return {}


@contextmanager
def refused_as_parameter() -> Iterator[None]:
    """Turn S3's refusal into that of the request, in QLDB's words.

    Raises:
        InvalidParameterException: S3 refuses.
    """
    try:
        yield
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        what = f"QLDB encountered an error validating S3 configuration: {code} {message}"
        raise InvalidParameterException(what, "S3ExportConfiguration") from error


def is_final(error: ClientError) -> bool:
    """Tell whether S3 refuses for good: the client's own retries did not help, and the fault is not S3's."""
    status: int = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return 400 <= status < 500 and status not in (408, 409, 429)


def failed(error: ClientError) -> ExportFailedError:
    """Return the error of an export that S3 refuses for good."""
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    return ExportFailedError(f"S3 refuses the export, which is cancelled: {code} {message}")
