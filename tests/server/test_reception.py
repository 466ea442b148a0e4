"""The bounds within which requests are read and carried out."""

import asyncio
import threading

import pytest
from starlette.requests import Request

from ledger.errors import ApiError
from ledger.server.errors import (
    CapacityExceededException,
    CorruptLedgerException,
    InternalFailure,
    RequestEntityTooLargeException,
    RequestTimeoutException,
)
from ledger.server.reception import Bounds, Reception
from ledger.store import Corrupt
from tests.server.processes import wait_until


def request(*chunks, headers=(), then=None):
    """A request whose body comes in `chunks`; afterwards nothing comes, or `then`."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append(then or {"type": "http.request", "body": b"", "more_body": False})

    async def receive():
        return messages.pop(0) if messages[0] != "nothing" else await asyncio.sleep(60)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    return Request(scope, receive)


def answer(reception, received, work=lambda received: {"size": len(received.body)}):
    """The body of the answer, or the error."""
    try:
        return asyncio.run(reception.answer(received, work)).body
    except ApiError as error:
        return type(error)


@pytest.fixture
def new_reception():
    made = []

    def make(**bounds):
        made.append(Reception(Bounds(**bounds)))
        return made[-1]

    yield make
    for reception in made:
        reception.close()


def test_a_body_at_the_limit_is_taken_and_one_byte_more_is_not(new_reception):
    reception = new_reception(body_bytes=10)
    assert answer(reception, request(b"12345", b"67890")) == b'{"size":10}'
    assert answer(reception, request(b"12345", b"678901")) is RequestEntityTooLargeException
    announced = request(headers=[("content-length", "1000000")], then="nothing")
    assert answer(reception, announced) is RequestEntityTooLargeException


def test_a_body_that_does_not_come_in_time_is_given_up(new_reception):
    assert answer(new_reception(body_seconds=0.05), request(b"1", then="nothing")) is RequestTimeoutException


def test_a_client_that_leaves_is_given_up(new_reception):
    left = {"type": "http.disconnect"}
    assert answer(new_reception(), request(b"1", then=left)) is RequestTimeoutException


def test_more_requests_than_may_wait_are_refused_and_taken_again_later(new_reception):
    reception, go_on = new_reception(threads=1, waiting=1), threading.Event()

    async def crowd():
        def slow(_):
            go_on.wait(60)
            return {}

        tasks = [asyncio.create_task(reception.answer(request(), slow)) for _ in range(3)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)  # the refused one; the others wait
        go_on.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = asyncio.run(crowd())
    assert [type(outcome) for outcome in outcomes].count(CapacityExceededException) == 1
    assert CapacityExceededException.status == 503
    assert answer(reception, request()) == b'{"size":0}'


def test_an_unexpected_failure_is_logged_by_its_type_and_place_only(new_reception, caplog):
    def failing(_):
        raise KeyError("what a client sent")

    assert answer(new_reception(), request(), failing) is InternalFailure
    assert "KeyError" in caplog.text
    assert "in failing" in caplog.text
    assert "what a client sent" not in caplog.text.replace('raise KeyError("what a client sent")', "")


def test_a_damaged_ledger_is_an_error_that_drivers_do_not_repeat(new_reception, caplog):
    def damaged(_):
        raise Corrupt("block 7 is missing")

    assert answer(new_reception(), request(), damaged) is CorruptLedgerException
    assert CorruptLedgerException.status not in {500, 503}
    assert "block 7 is missing" in caplog.text


def test_work_that_outlasts_its_request_is_known_at_the_end(new_reception):
    reception, begun, go_on = new_reception(), threading.Event(), threading.Event()

    def slow(_):
        begun.set()
        go_on.wait(60)
        return {}

    async def give_up():
        task = asyncio.create_task(reception.answer(request(), slow))
        await asyncio.to_thread(begun.wait, 60)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(give_up())
    assert reception.close() is False
    go_on.set()
    wait_until(reception.close)
