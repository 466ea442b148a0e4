"""The DynamoDB store on the local cloud: limits, answers lost after the fact, large values met half way."""

import uuid
from contextlib import nullcontext

import pytest

from ledger.store import (
    Cell,
    Conflict,
    Corrupt,
    DynamoDBStore,
    Key,
    TooLarge,
    Unusable,
)
from ledger.store.dynamodb_calls import Patience
from tests.store.scripted import DROPPED, READ_TIMEOUT, A, B, Scripted, commit_two


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
