"""Who may talk to the console: the browser of the person who started it, and only pages of the console itself.

The console listens on the loopback address, which every user of the machine and every page in a browser can reach.
Against other users there is a token, printed once, that a browser exchanges for a cookie. Against other sites there are
the Host header (a name of theirs may resolve to this machine), Origin and Sec-Fetch-Site, a cookie that browsers send
with the console's own requests alone, and answers that no other site may frame or read.
"""

import secrets
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.console import answers
from ledger.console.errors import NotSignedInException
from ledger.errors import ApiError

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_PUBLIC = "/static/"


class ForbiddenException(ApiError):
    """The request comes from another site."""

    status = 403


class Guard:
    """Lets requests through to an application, or answers them itself."""

    def __init__(self, app: ASGIApp, token: str, hosts: Iterable[str]) -> None:
        """Guard an application.

        Args:
            token: what the address has that the console prints.
            hosts: the values of Host that are the console's, such as `127.0.0.1:8183`.
        """
        self._app = app
        self._token = token
        self._hosts = frozenset(hosts)
        self._cookie = f"ledger-console-{min(self._hosts).rpartition(':')[2]}"
        self._session = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            await send(message)

        answer = self._answer(Request(scope)) or self._app
        await answer(scope, receive, send_with_headers)

    def _answer(self, request: Request) -> Response | None:
        """Answer a request that is not let through."""
        token = request.query_params.get("token") if request.url.path == "/" else None
        is_entering = token is not None and request.method == "GET"
        if problem := self._foreign(request, is_entering=is_entering):
            return answers.of_error(ForbiddenException(problem))
        if is_entering:
            return self._enter(str(token))
        if request.url.path.startswith(_PUBLIC) or self._is_signed_in(request):
            return None
        return (
            answers.of_error(NotSignedInException()) if request.url.path != "/" else answers.page("sign-in.html", 401)
        )

    def _foreign(self, request: Request, *, is_entering: bool) -> str | None:
        hosts, origin, site = (request.headers.getlist(name) for name in ("host", "origin", "sec-fetch-site"))
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "Host is not that of this console: open the address that it printed"
        if origin not in ([], [f"http://{hosts[0]}"]):
            return "requests from other sites are not allowed"
        # Whoever follows the printed address comes from elsewhere: a terminal, a mail, a file.
        if site not in ([], ["same-origin"], ["none"]) and not is_entering:
            return "requests from other sites are not allowed"
        is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
        return None if request.method in {"GET", "HEAD"} or is_json else "send JSON, as application/json"

    def _enter(self, token: str) -> Response:
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return answers.page("sign-in.html", 401)
        # Not a redirect: a browser that came from elsewhere would not send a strict cookie with it.
        response = answers.page("welcome.html", 200)
        response.set_cookie(self._cookie, self._session, path="/", httponly=True, samesite="strict")
        return response

    def _is_signed_in(self, request: Request) -> bool:
        return secrets.compare_digest(request.cookies.get(self._cookie, "").encode(), self._session.encode())
