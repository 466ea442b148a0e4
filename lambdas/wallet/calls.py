"""What every function does around its call: exceptions become answers; the outcome is logged and measured, no data."""

from __future__ import annotations

import functools
import time
import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from aws_lambda_powertools import Logger

from lambdas import cors, tracing
from lambdas.gateway import Answer, Event
from lambdas.wallet import failures, metrics

logger = Logger()

Handler = Callable[[Event, Any], dict[str, Any]]


def call(operation: str) -> Callable[[Callable[[Event], Answer]], Handler]:
    """Make an API Gateway handler of a function from event to Answer. The handler never raises."""

    def decorate(act: Callable[[Event], Answer]) -> Handler:
        @functools.wraps(act)
        def handler(event: Event, _context: Any) -> dict[str, Any]:
            started, tally = time.perf_counter(), metrics.begin()
            with tracing.subsegment(operation) as traced:
                answer = _answer(operation, act, event, tally)
                traced |= {"status": answer.status, "replayed": answer.replayed}
                traced |= {"retries": tally.retries, "conflicts": tally.conflicts}
            seconds = time.perf_counter() - started
            _log_outcome(operation, event, answer, seconds)
            metrics.emit(operation, answer, seconds, tally)
            return cors.shared(event, answer).as_result()

        return handler

    return decorate


def _answer(operation: str, act: Callable[[Event], Answer], event: Event, tally: metrics.Tally) -> Answer:
    try:
        return act(event)
    except Exception as error:
        tally.saw(error)
        answer = failures.answer(error)
        if answer.status >= 500:
            _log_failure(operation, event, error)
        return answer


def _log_outcome(operation: str, event: Event, answer: Answer, seconds: float) -> None:
    logger.info(
        "call answered",
        operation=operation,
        request_id=_request_id(event),
        status=answer.status,
        replayed=answer.replayed,
        duration_ms=round(seconds * 1000, 1),
    )


def _log_failure(operation: str, event: Event, error: Exception) -> None:
    """Log where it failed. An exception's own text may quote somebody's data, so it is left out."""
    where = [
        f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    logger.error(
        "call failed", operation=operation, request_id=_request_id(event), error=type(error).__name__, where=where
    )


def _request_id(event: Event) -> str | None:
    request_id: str | None = (event.get("requestContext") or {}).get("requestId")
    return request_id
