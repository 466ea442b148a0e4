"""A DynamoDB client whose calls go as written, and a clock that only sleeping moves."""

import itertools

from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from ledger.store import Key

A, B, C = (Key("letters", sort) for sort in "abc")
URL = "https://dynamodb.test"

READ_TIMEOUT = ReadTimeoutError(endpoint_url=URL)
DROPPED = ConnectionClosedError(endpoint_url=URL)
REFUSED = EndpointConnectionError(endpoint_url=URL)


def says(code, status=400, message="", retries=0, **more):
    """An error as DynamoDB sends it."""
    metadata = {"HTTPStatusCode": status, "RetryAttempts": retries}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata, **more}, "Any")


def cancelled(*codes, retries=0):
    """A cancelled transaction with these reasons, in the order of its actions."""
    reasons = [{"Code": code, "Message": f"{code} happened"} for code in codes]
    return says("TransactionCanceledException", retries=retries, CancellationReasons=reasons)


class Scripted:
    """A client whose calls go as written: an error is raised, anything else is the answer; the last one for ever."""

    def __init__(self, *script):
        self.requests = []
        self._script = itertools.chain(script, itertools.repeat(script[-1]))

    def __getattr__(self, name):
        def call(**request):
            self.requests.append(request)
            outcome = next(self._script)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return call

    @property
    def tokens(self):
        return [request["ClientRequestToken"] for request in self.requests]


class Clock:
    """Time that passes only by sleeping, a second at least."""

    def __init__(self):
        self.seconds, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.seconds += 1 + seconds

    def now(self):
        return self.seconds


def commit_two(store):
    store.commit({A: b"1", B: b"2"}, {A: None, B: 4, C: 7})
