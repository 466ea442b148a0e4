"""Which web pages of other origins may call an API and read its answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

from .errors import PropError

_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "X-Api-Key", "X-Amz-Date", "X-Amz-Security-Token")
_EXPOSED = ("Idempotency-Replayed", "Retry-After")


@dataclass(frozen=True, kw_only=True)
class Cors:
    """The `origins` whose pages may call, such as `https://wallet.example.com`; the one origin `*` is for all pages.

    `credentials` lets pages send cookies and client certificates, which `*` excludes. `headers` are those that pages
    may send besides the wallet's own. Browsers keep what they were told for `max_age`, by default an hour. Answers that
    API Gateway itself makes, such as a 401, are for pages to read if there is one origin; it cannot choose among more.

    Raises PropError naming the prop that cannot work.
    """

    origins: Sequence[str]
    credentials: bool = False
    headers: Sequence[str] = ()
    max_age: Duration | None = None

    def __post_init__(self) -> None:
        """Raise PropError naming the prop that cannot work."""
        if not self.origins:
            raise PropError("origins is empty; give at least one, or no cors at all")
        if "*" in self.origins and len(self.origins) > 1:
            raise PropError(f"origins is {list(self.origins)!r}; give either '*' or origins")
        if "*" in self.origins and self.credentials:
            raise PropError("credentials is True with origins '*', which browsers refuse; name the origins")
        for origin in self.origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise PropError(f"origins has {origin!r}; give one like https://wallet.example.com, without a path")

    @property
    def environment(self) -> dict[str, str]:
        """What the functions are told, so that their answers say who may read them."""
        return {"CORS_ORIGINS": " ".join(self.origins), "CORS_CREDENTIALS": str(self.credentials).lower()}

    def preflight(self) -> apigateway.CorsOptions:
        """Return how the API answers a browser that asks before it calls."""
        return apigateway.CorsOptions(
            allow_origins=list(self.origins),
            allow_credentials=self.credentials,
            allow_headers=[*_HEADERS, *self.headers],
            allow_methods=["GET", "POST"],
            max_age=self.max_age or Duration.hours(1),
        )

    def gateway_headers(self) -> Mapping[str, str]:
        """Return the headers of answers that API Gateway makes itself."""
        if len(self.origins) > 1:
            return {}
        headers = {"Access-Control-Allow-Origin": self.origins[0], "Access-Control-Expose-Headers": ", ".join(_EXPOSED)}
        if self.credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        return {name: f"'{value}'" for name, value in headers.items()}
