"""Where requests come in: read whole, within bounds, then carried out on one of a limited number of threads."""

import asyncio
import logging
import os
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ledger.errors import ApiError, QldbError
from ledger.server import answers, bodies
from ledger.server.errors import (
    CapacityExceededException,
    CorruptLedgerException,
    InternalFailure,
    RequestEntityTooLargeException,
    RequestTimeoutException,
)
from ledger.store import Corrupt

_LOG = logging.getLogger("ledger.server")
_PATIENCE = 8


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the server takes.

    Attributes:
        threads: requests that are carried out at once.
        waiting: requests that may wait for a thread.
        body_bytes: of one request; 40 documents of 128 KB fit, base64 included.
        body_seconds: how long a body may take to come in.
    """

    threads: int = 32
    waiting: int = 1000
    body_bytes: int = 8 * 1024 * 1024
    body_seconds: float = 30.0


class Received(NamedTuple):
    """A whole request. `target` is path and query as they were sent; `path` has the parts that the route names."""

    method: str
    target: str
    query: str
    headers: list[tuple[str, str]]
    path: Mapping[str, str]
    body: bytes


Work = Callable[[Received], Mapping[str, Any]]


class Reception:
    """Reads requests, lets a check see them, and runs their work on threads."""

    def __init__(self, bounds: Bounds, check: Callable[[Received], None] | None = None) -> None:
        """Start without threads; each is made when it is needed.

        Args:
            check: raises an error for a request that is not to be carried out.
        """
        self._bounds = bounds
        self._check = check
        self._threads = ThreadPoolExecutor(bounds.threads, thread_name_prefix="request")
        self._taken: set[Future[bytes]] = set()

    async def answer(self, request: Request, work: Work) -> Response:
        """Carry out `work` for the request and return its answer.

        Raises:
            ApiError, QldbError: what the client is to be told instead.
        """
        received = await self._receive(request)
        if len(self._taken) >= self._bounds.threads + self._bounds.waiting:
            raise CapacityExceededException("Capacity exceeded")
        future = self._threads.submit(self._carry_out, received, work)
        # Until the thread is done with it, which may be later than this call is cancelled.
        self._taken.add(future)
        future.add_done_callback(self._taken.discard)
        return answers.of_result(request, await asyncio.wrap_future(future))

    def close(self) -> bool:
        """Give back the threads; tell whether all of them were done."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        return not self._taken

    async def _receive(self, request: Request) -> Received:
        try:
            async with asyncio.timeout(self._bounds.body_seconds):
                body = await self._body(request)
        except TimeoutError:
            raise RequestTimeoutException(f"the body took more than {self._bounds.body_seconds:g} seconds") from None
        except ClientDisconnect:
            raise RequestTimeoutException("the client left before its body was whole") from None
        raw_query = request.scope["query_string"].decode("latin-1")
        path = request.scope["path"]
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.scope["headers"]]
        target = f"{path}?{raw_query}" if raw_query else path
        return Received(request.method, target, raw_query, headers, request.path_params, body)

    async def _body(self, request: Request) -> bytes:
        limit = self._bounds.body_bytes
        # What is too large is read nevertheless, if not without end: a client that is still writing when the
        # connection closes gets no answer, only a reset.
        patience = limit * _PATIENCE
        chunks, size = [], int(request.headers.get("content-length", "0"))
        if size <= patience:
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
                if size <= limit:
                    chunks.append(chunk)
                elif size > patience:
                    break
        if size > limit:
            raise RequestEntityTooLargeException(f"the body has more than {limit} bytes")
        return b"".join(chunks)

    def _carry_out(self, received: Received, work: Work) -> bytes:
        try:
            if self._check is not None:
                self._check(received)
            return bodies.write(work(received))
        except (ApiError, QldbError):
            raise
        except Corrupt as error:
            _LOG.error("a ledger is damaged: %s", error)
            raise CorruptLedgerException("the ledger is damaged: stop, and run python -m ledger fsck") from error
        except Exception as error:
            # Its type and place only: the message may quote what a client sent.
            where = "".join(traceback.format_tb(error.__traceback__)[-3:])
            _LOG.error("request failed with %s%s%s", type(error).__name__, os.linesep, where)
            raise InternalFailure("the server failed; its log says how") from error
