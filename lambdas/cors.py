"""Which web pages of other origins may read an answer: none, unless the function is deployed with their origins."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from lambdas.gateway import Answer, Event

_EXPOSED = "Idempotency-Replayed, Retry-After"


@dataclass(frozen=True, slots=True)
class Cors:
    """The origins, as browsers send them; `*` is for all. `credentials`: pages may send cookies and certificates."""

    origins: frozenset[str]
    credentials: bool

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read CORS_ORIGINS, which spaces divide, and CORS_CREDENTIALS, true or not."""
        return cls(
            frozenset(environment.get("CORS_ORIGINS", "").split()), environment.get("CORS_CREDENTIALS") == "true"
        )

    def headers(self, event: Event) -> dict[str, str]:
        """Give the headers that tell a browser whether the page that called may read the answer."""
        if "*" in self.origins:
            return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": _EXPOSED}
        if not self.origins:
            return {}
        origin = _origin(event)
        if origin not in self.origins:
            return {"Vary": "Origin"}
        shown = {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": _EXPOSED,
        }
        return {**shown, "Access-Control-Allow-Credentials": "true"} if self.credentials else shown


@functools.cache
def rule() -> Cors:
    """Give what the environment says, read once for as long as the process is kept warm."""
    return Cors.read(os.environ)


def shared(event: Event, answer: Answer) -> Answer:
    """Give the answer with the headers that let pages read it, if any may."""
    return replace(answer, headers={**answer.headers, **rule().headers(event)})


def _origin(event: Event) -> str:
    headers: Mapping[str, str] = event.get("headers") or {}
    return next((value for name, value in headers.items() if name.lower() == "origin"), "")
