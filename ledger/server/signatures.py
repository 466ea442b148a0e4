"""Checking the signature of a request, AWS Signature Version 4, and refusing it in AWS's words.

The canonical form is computed by botocore, the code that most clients sign with.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from ledger.errors import ApiError
from ledger.server.reception import Received

_SERVICE = "qldb"
_ALGORITHM = "AWS4-HMAC-SHA256"
_SKEW = timedelta(minutes=5)
_INSTANT = "%Y%m%dT%H%M%SZ"
_HASH_HEADER = "x-amz-content-sha256"


class MissingAuthenticationTokenException(ApiError):
    """The request is not signed."""

    status = 403


class IncompleteSignatureException(ApiError):
    """The Authorization header is not whole."""


class UnrecognizedClientException(ApiError):
    """No key has this id."""

    status = 403


class InvalidSignatureException(ApiError):
    """The signature is another than that of the key, or of another time."""

    status = 403


class Claim(NamedTuple):
    """What the Authorization header says."""

    key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


class SignatureCheck:
    """Raises an error for every request that is not signed, lately and rightly, with one of the keys."""

    def __init__(self, secrets: Mapping[str, str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Know the secret key of each access key id."""
        self._secrets = secrets
        self._now = now

    def __call__(self, received: Received) -> None:
        """Check one request.

        Raises:
            ApiError: why it is refused.
        """
        headers = _joined(received.headers)
        claim = read_claim(headers)
        instant = _instant(headers)
        _check_scope(claim, instant)
        self._check_time(instant)
        secret = self._secrets.get(claim.key_id)
        if secret is None:
            raise UnrecognizedClientException("The security token included in the request is invalid.")
        expected = _signature(received, headers, claim, Credentials(claim.key_id, secret))
        if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
            raise InvalidSignatureException(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details."
            )

    def _check_time(self, instant: str) -> None:
        signed, now = datetime.strptime(instant, _INSTANT).replace(tzinfo=UTC), self._now()
        if signed < now - _SKEW:
            raise InvalidSignatureException(
                f"Signature expired: {instant} is now earlier than {now - _SKEW:{_INSTANT}} ({now:{_INSTANT}} - 5 min.)"
            )
        if signed > now + _SKEW:
            raise InvalidSignatureException(
                f"Signature not yet current: {instant} is still later than {now + _SKEW:{_INSTANT}} "
                f"({now:{_INSTANT}} + 5 min.)"
            )


def read_claim(headers: Mapping[str, str]) -> Claim:
    """Return what the Authorization header says.

    Raises:
        MissingAuthenticationTokenException, IncompleteSignatureException: it is absent, or not whole.
    """
    algorithm, _, rest = headers.get("authorization", "").partition(" ")
    if not algorithm:
        raise MissingAuthenticationTokenException("Missing Authentication Token")
    if algorithm != _ALGORITHM:
        raise IncompleteSignatureException(f"Unsupported AWS 'algorithm': '{algorithm[:40]}'.")
    parts = dict(re.findall(r"(Credential|SignedHeaders|Signature)=([^\s,]+)", rest))
    if missing := [name for name in ("Credential", "Signature", "SignedHeaders") if name not in parts]:
        raise IncompleteSignatureException(
            " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
        )
    scope = parts["Credential"].rsplit("/", 4)
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise IncompleteSignatureException("Credential must have the form KEY/DATE/REGION/qldb/aws4_request.")
    signed_headers = tuple(parts["SignedHeaders"].lower().split(";"))
    key_id, date, region, service, _ = scope
    return Claim(key_id, date, region, service, signed_headers, parts["Signature"])


def _instant(headers: Mapping[str, str]) -> str:
    instant = headers.get("x-amz-date", "")
    try:
        datetime.strptime(instant, _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        raise IncompleteSignatureException(
            f"Authorization header requires existence of a 'X-Amz-Date' header like 20261122T091500Z, got {instant!r}."
        ) from None
    return instant


def _check_scope(claim: Claim, instant: str) -> None:
    if claim.service != _SERVICE:
        raise InvalidSignatureException(f"Credential should be scoped to correct service: '{_SERVICE}'.")
    if claim.date != instant[:8]:
        raise InvalidSignatureException(
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.date}' != '{instant[:8]}', from '{instant}'."
        )


def _signature(received: Received, headers: Mapping[str, str], claim: Claim, credentials: Credentials) -> str:
    # What a client did not sign, somebody on the way could change; what decides must be signed.
    decisive = {"host", "x-amz-date", *(name for name in headers if name.startswith("x-amz-"))}
    if unsigned := sorted(decisive - set(claim.signed_headers)):
        raise InvalidSignatureException(f"'{unsigned[0]}' must be a 'SignedHeader' in the AWS Authorization.")
    digest = hashlib.sha256(received.body).hexdigest()
    if headers.get(_HASH_HEADER, digest) != digest:
        raise InvalidSignatureException("The value of x-amz-content-sha256 is not the hash of the body.")
    signed = {name: headers[name] for name in claim.signed_headers if name in headers}
    # Only path and query of the URL count; the host that was signed is a header.
    request = AWSRequest(received.method, f"http://localhost{received.target}", signed, received.body)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = _Signer(credentials, _SERVICE, claim.region)
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


class _Signer(SigV4Auth):  # type: ignore[misc]
    """Signs exactly the headers that the request has; botocore as a client leaves some out that others sign."""

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        return request.headers


def _joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined
