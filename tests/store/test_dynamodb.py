"""The DynamoDB store: what its errors mean, which token a retry carries, and large values met half way."""

import itertools
import uuid
from contextlib import nullcontext

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from ledger.store import (
    Cell,
    Conflict,
    Corrupt,
    DynamoDBStore,
    Key,
    OutcomeUnknown,
    Throttled,
    TooLarge,
    Unavailable,
    Unusable,
)
from ledger.store.dynamodb_calls import Patience

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


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def scripted(clock):
    """Makes a store on a scripted client, and gives both."""

    def make(*script):
        client = Scripted(*script)
        patience = Patience(attempts=4, lost_seconds=9, sleep=clock.sleep, now=clock.now)
        return DynamoDBStore("cells", namespace="test", client=client, patience=patience), client

    return make


def commit_two(store):
    store.commit({A: b"1", B: b"2"}, {A: None, B: 4, C: 7})


def test_failed_condition_is_a_conflict_on_its_keys_and_is_not_retried(scripted):
    store, client = scripted(cancelled("ConditionalCheckFailed", "None", "ConditionalCheckFailed"))
    with pytest.raises(Conflict) as caught:
        commit_two(store)
    assert caught.value.keys == {A, C}
    assert len(client.requests) == 1


def test_failed_condition_counts_before_other_reasons_of_the_same_cancellation(scripted):
    store, _ = scripted(cancelled("TransactionConflict", "ConditionalCheckFailed", "ThrottlingError"))
    with pytest.raises(Conflict) as caught:
        commit_two(store)
    assert caught.value.keys == {B}


def test_transaction_conflict_is_retried_as_a_new_transaction_until_it_succeeds(scripted, clock):
    store, client = scripted(cancelled("TransactionConflict", "None", "None"), {})
    commit_two(store)
    assert len(set(client.tokens)) == 2
    assert client.requests[0]["TransactItems"] == client.requests[1]["TransactItems"]
    assert len(clock.slept) == 1
    assert store.writes == 2


def test_transaction_conflict_that_lasts_is_a_conflict_on_its_keys(scripted):
    store, client = scripted(cancelled("None", "TransactionConflict", "None"))
    with pytest.raises(Conflict) as caught:
        commit_two(store)
    assert caught.value.keys == {B}
    assert len(client.requests) == 4
    assert store.writes == 0


THROTTLES = [
    cancelled("ThrottlingError", "None", "TransactionConflict"),
    cancelled("ProvisionedThroughputExceeded", "None", "None"),
    says("ProvisionedThroughputExceededException"),
    says("ThrottlingException"),
    says("RequestLimitExceeded"),
]


@pytest.mark.parametrize("error", THROTTLES, ids=str)
def test_throttling_is_retried_with_growing_pauses_and_then_throttled(scripted, clock, error):
    store, client = scripted(error)
    with pytest.raises(Throttled):
        commit_two(store)
    assert len(client.requests) == 4
    assert all(0 <= slept <= 0.025 * 2**attempt for attempt, slept in enumerate(clock.slept, 1))
    store, _ = scripted(error, error, {})
    commit_two(store)


LOST = [
    READ_TIMEOUT,
    DROPPED,
    ResponseParserError("half an answer"),
    says("InternalServerError", status=500),
    says("ServiceUnavailable", status=503),
    says("TransactionInProgressException"),
]


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_lost_answer_is_retried_with_the_same_token_for_longer_than_dynamodb_takes_to_recover(scripted, clock, error):
    store, client = scripted(error)
    with pytest.raises(OutcomeUnknown):
        commit_two(store)
    assert len(set(client.tokens)) == 1
    assert len({str(request["TransactItems"]) for request in client.requests}) == 1
    assert clock.now() > 9
    store, client = scripted(error, says("TransactionInProgressException"), error, {})
    commit_two(store)
    assert len(client.requests) == 4
    assert len(set(client.tokens)) == 1


NOT_DECISIVE = [
    cancelled("TransactionConflict", "None", "None"),
    cancelled("ThrottlingError", "None", "None"),
    says("ThrottlingException"),
    says("ExpiredTokenException"),
    says("AccessDeniedException"),
    REFUSED,
    NoCredentialsError(),
]


@pytest.mark.parametrize("error", NOT_DECISIVE, ids=repr)
def test_what_follows_a_lost_answer_without_telling_the_outcome_leaves_it_unknown(scripted, error):
    store, client = scripted(READ_TIMEOUT, error)
    with pytest.raises(OutcomeUnknown):
        commit_two(store)
    assert len(set(client.tokens)) == 1


def test_failed_condition_after_a_lost_answer_is_a_conflict_since_the_same_token_would_have_succeeded(scripted):
    store, client = scripted(DROPPED, cancelled("ConditionalCheckFailed", "None", "None"))
    with pytest.raises(Conflict):
        commit_two(store)
    assert len(set(client.tokens)) == 1


@pytest.mark.parametrize(("message", "raised"), [("bad key", Unusable), ("over the 4 MB size limit", TooLarge)])
def test_refusal_of_the_request_itself_after_a_lost_answer_tells_that_nothing_was_written(scripted, message, raised):
    store, _ = scripted(DROPPED, says("ValidationException", message=message))
    with pytest.raises(raised):
        commit_two(store)


def test_client_that_retried_beneath_the_store_leaves_a_cancelled_commit_unknown(scripted):
    store, _ = scripted(cancelled("TransactionConflict", "None", "None", retries=1))
    with pytest.raises(OutcomeUnknown):
        commit_two(store)


@pytest.mark.parametrize("error", [REFUSED, ConnectTimeoutError(endpoint_url=URL)], ids=repr)
def test_commit_that_was_never_sent_is_unavailable_and_not_unknown(scripted, error):
    store, client = scripted(error)
    with pytest.raises(Unavailable):
        commit_two(store)
    assert len(client.requests) == 4


HOPELESS = [
    says("ValidationException", message="The provided key element does not match the schema"),
    says("AccessDeniedException"),
    says("ResourceNotFoundException"),
    says("UnrecognizedClientException"),
    cancelled("ValidationError", "None", "None"),
    cancelled("None", "ItemCollectionSizeLimitExceeded", "None"),
    NoCredentialsError(),
    ParamValidationError(report="bad"),
]


@pytest.mark.parametrize("error", HOPELESS, ids=repr)
def test_call_that_can_never_succeed_is_unusable_at_once(scripted, error):
    for act in (commit_two, lambda store: store.get([A])):
        store, client = scripted(error)
        with pytest.raises(Unusable):
            act(store)
        assert len(client.requests) == 1


def test_transaction_that_dynamodb_finds_too_large_is_too_large(scripted):
    store, _ = scripted(says("ValidationException", message="Transaction request exceeds the 4MB size limit"))
    with pytest.raises(TooLarge):
        commit_two(store)


@pytest.mark.parametrize(
    ("cells", "what", "limit"),
    [
        ({Key("p", str(number)): b"" for number in range(101)}, "items in one commit", 100),
        ({Key("p", str(number)): bytes(1_400_000) for number in range(3)}, "bytes in one commit", 4 * 1024 * 1024),
        ({Key("p", "é" * 600): b""}, "bytes in a DynamoDB sort key", 1024),
        ({Key("p" * 2100, ""): b""}, "bytes in a DynamoDB partition key", 2048),
    ],
)
def test_commit_over_a_limit_is_too_large_before_anything_is_sent(scripted, cells, what, limit):
    store, client = scripted({})
    with pytest.raises(TooLarge, match=what) as caught:
        store.commit(cells, dict.fromkeys(cells))
    assert (caught.value.what, caught.value.limit) == (what, limit)
    assert caught.value.got > limit
    assert client.requests == []


def test_reads_are_strongly_consistent_and_retried_when_answers_are_lost(scripted):
    store, client = scripted(READ_TIMEOUT, says("InternalServerError", status=500), {})
    assert store.get([A]) == {}
    assert [request["ConsistentRead"] for request in client.requests] == [True] * 3
    store, client = scripted(DROPPED, {"Items": []})
    assert list(store.scan("letters")) == []
    assert client.requests[-1]["ConsistentRead"] is True
    store, client = scripted({"Responses": {"cells": []}})
    assert store.get([A, B]) == {}
    assert client.requests[0]["RequestItems"]["cells"]["ConsistentRead"] is True


@pytest.mark.parametrize(("error", "raised"), [(DROPPED, Unavailable), (says("ThrottlingException"), Throttled)])
def test_read_that_keeps_failing_is_never_an_unknown_outcome(scripted, error, raised):
    for act in (lambda store: store.get([A, B]), lambda store: list(store.scan("p")), lambda s: s.commit({}, {A: 1})):
        store, client = scripted(error)
        with pytest.raises(raised):
            act(store)
        assert len(client.requests) == 4


def head(key, version="1", data=b"x", **more):
    return {
        "pk": {"S": f"test/{key.partition}"},
        "sk": {"S": f".{key.sort}"},
        "v": {"N": version},
        "d": {"B": data},
    } | more


def test_keys_that_a_batch_left_unprocessed_are_asked_for_again(scripted):
    left = {"cells": {"Keys": [{"pk": {"S": "test/letters"}, "sk": {"S": ".b"}}]}}
    store, client = scripted(
        {"Responses": {"cells": [head(A)]}, "UnprocessedKeys": left}, {"Responses": {"cells": [head(B)]}}
    )
    assert store.get([A, B]) == {A: Cell(1, b"x"), B: Cell(1, b"x")}
    assert client.requests[1]["RequestItems"]["cells"]["Keys"] == left["cells"]["Keys"]


def test_batch_that_stays_unprocessed_is_throttled(scripted):
    keys = [{"pk": {"S": "test/letters"}, "sk": {"S": f".{sort}"}} for sort in "ab"]
    store, _ = scripted({"Responses": {}, "UnprocessedKeys": {"cells": {"Keys": keys}}})
    with pytest.raises(Throttled, match="unread"):
        store.get([A, B])


def test_batch_asks_for_at_most_a_hundred_keys_and_for_each_once(scripted):
    store, client = scripted({"Responses": {"cells": []}})
    keys = [Key("p", str(number)) for number in range(150)]
    store.get(keys + keys)
    assert [len(request["RequestItems"]["cells"]["Keys"]) for request in client.requests] == [100, 50]


def versions(count, version="1"):
    return {"Responses": [{"Item": {"v": {"N": version}}}] * count}


def test_commit_without_writes_reads_all_chunks_but_the_last_again(scripted):
    store, client = scripted(versions(100), versions(100), versions(50), versions(100), versions(100))
    store.commit({}, {Key("p", f"{number:03}"): 1 for number in range(250)})
    firsts = [request["TransactItems"][0]["Get"]["Key"]["sk"]["S"] for request in client.requests]
    assert firsts == [".000", ".100", ".200", ".000", ".100"]


def test_change_seen_by_the_second_reading_of_a_chunk_is_a_conflict(scripted):
    store, _ = scripted(versions(100), versions(1), versions(100, "2"))
    with pytest.raises(Conflict) as caught:
        store.commit({}, {Key("p", f"{number:03}"): 1 for number in range(101)})
    assert len(caught.value.keys) == 100


def test_commit_without_writes_over_cells_too_large_to_read_at_once_reads_fewer_at_once(scripted):
    too_large = says("ValidationException", message="aggregate size of the items exceeded 4 MB")
    store, client = scripted(too_large, versions(10), versions(2), versions(10))
    store.commit({}, {Key("p", f"{number:03}"): 1 for number in range(12)})
    assert [len(request["TransactItems"]) for request in client.requests] == [12, 10, 2, 10]


def test_transaction_conflict_of_a_reading_transaction_is_retried_and_then_a_conflict(scripted):
    store, _ = scripted(cancelled("TransactionConflict"), versions(1))
    store.commit({}, {A: 1})
    store, client = scripted(cancelled("TransactionConflict"))
    with pytest.raises(Conflict) as caught:
        store.commit({}, {A: 1})
    assert caught.value.keys == {A}
    assert len(client.requests) == 4


@pytest.mark.parametrize("namespace", ["", "a/b", "a|b"])
def test_namespace_that_would_run_into_the_partition_is_refused(namespace):
    with pytest.raises(ValueError, match="namespace is"):
        DynamoDBStore("cells", namespace=namespace, client=Scripted({}))


class Meddled:
    """A client of the local cloud that lets a test act before or after calls of one method."""

    def __init__(self, client, method, before=(), after=()):
        self._client, self._method = client, method
        self._before, self._after = iter(before), iter(after)
        self.calls = 0

    def __getattr__(self, name):
        call = getattr(self._client, name)
        if name != self._method:
            return call

        def meddled(**request):
            self.calls += 1
            next(self._before, nullcontext)()
            answer = call(**request)
            next(self._after, nullcontext)()
            return answer

        return meddled


def fail(error):
    def act():
        raise error

    return act


@pytest.fixture
def two_stores(dynamodb, table):
    """Makes two stores on the same cells; the first one's calls of a method are meddled with."""

    def make(method, **acts):
        namespace = uuid.uuid4().hex
        meddled = Meddled(dynamodb, method, **acts)
        patience = Patience(base_seconds=0.001)
        return (
            DynamoDBStore(table, namespace=namespace, client=meddled, patience=patience),
            DynamoDBStore(table, namespace=namespace, client=dynamodb),
            meddled,
        )

    return make


def test_commit_whose_answer_times_out_after_it_was_applied_takes_place_once(two_stores):
    store, other, client = two_stores("transact_write_items", after=[fail(READ_TIMEOUT), fail(DROPPED)])
    store.commit({A: b"1", B: b"1"}, {A: None, B: None})
    assert client.calls == 3
    assert other.get([A, B]) == {A: Cell(1, b"1"), B: Cell(1, b"1")}
    store, other, client = two_stores("transact_write_items", after=[fail(READ_TIMEOUT)])
    other.commit({A: bytes(800_000)}, {A: None})
    store.commit({A: None}, {A: 1})
    assert other.get([A]) == {}


def get_both(store):
    return store.get([A, B])


def scan_both(store):
    return dict(store.scan("letters"))


@pytest.mark.parametrize(
    "data", [b"n" * 900_000, b"n" * 1_200_000, b"small", None], ids=["like", "longer", "small", "no"]
)
@pytest.mark.parametrize(("read", "calls_before"), [(get_both, [nullcontext]), (scan_both, [])])
def test_large_value_that_is_overwritten_between_head_and_parts_is_read_whole(two_stores, read, calls_before, data):
    old = bytes(800_000)
    overwrite = [*calls_before, lambda: other.commit({A: data}, {A: 1})]
    store, other, client = two_stores("batch_get_item", before=overwrite)
    other.commit({A: old, B: old}, {A: None, B: None})
    assert read(store) == ({A: Cell(2, data)} if data is not None else {}) | {B: Cell(1, old)}
    assert client.calls == len(overwrite)


def test_large_value_whose_part_is_missing_is_corrupt(two_stores, dynamodb, table):
    store, _, _ = two_stores("get_item")
    store.commit({A: bytes(800_000)}, {A: None})
    [part, *_] = store._layout.parts(A, 2)
    dynamodb.delete_item(TableName=table, Key=part)
    with pytest.raises(Corrupt, match="parts"):
        store.get([A])


def parts_left(dynamodb, table, store, partition="letters"):
    pk = {":pk": {"S": f"{store._layout.namespace}|{partition}"}}
    return dynamodb.query(TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=pk)["Count"]


def test_overwrite_and_delete_remove_the_parts_of_a_large_value(two_stores, dynamodb, table):
    store, _, client = two_stores("transact_write_items")
    counts = []
    for before, data in enumerate([bytes(1_000_000), bytes(500_000), b"small", bytes(1_000_000), None]):
        store.commit({A: data}, {A: before or None})
        counts.append(parts_left(dynamodb, table, store))
    assert counts == [2, 1, 0, 2, 0]
    assert client.calls == 8


def test_conflict_beside_a_large_value_names_only_the_key_that_changed(two_stores):
    store, other, _ = two_stores("get_item")
    other.commit({A: bytes(800_000), B: b"1"}, {A: None, B: None})
    with pytest.raises(Conflict) as caught:
        store.commit({A: b"small", B: b"2"}, {A: 1, B: 2})
    assert caught.value.keys == {B}
    assert other.get([A, B]) == {A: Cell(1, bytes(800_000)), B: Cell(1, b"1")}


def test_namespaces_in_one_table_do_not_see_each_other(new_dynamodb_store):
    one, other = new_dynamodb_store(), new_dynamodb_store()
    one.commit({A: b"1"}, {A: None})
    assert other.get([A]) == {}
    assert list(other.scan("letters")) == []


def test_scan_with_a_limit_or_stopped_early_reads_small_pages_only(two_stores):
    store, other, client = two_stores("query")
    for start in range(0, 300, 100):
        other.commit(
            {Key("p", f"{number:03}"): b"" for number in range(start, start + 100)},
            {Key("p", f"{number:03}"): None for number in range(start, start + 100)},
        )
    assert len(list(store.scan("p", limit=3))) == 3
    next(store.scan("p"))
    assert client.calls == 2
    assert len(list(store.scan("p"))) == 300
    assert client.calls == 5


def test_default_client_leaves_retries_to_the_store(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    store = DynamoDBStore("cells", namespace="test")
    config = store._client.meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.max_pool_connections == 50
    assert config.read_timeout <= 5
    store.close()


def test_table_that_does_not_exist_is_unusable(dynamodb):
    store = DynamoDBStore("no-such-table", namespace="test", client=dynamodb)
    for act in (lambda: store.get([A]), lambda: list(store.scan("p")), lambda: commit_two(store)):
        with pytest.raises(Unusable, match="ResourceNotFoundException"):
            act()
