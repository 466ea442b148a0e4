"""Reads of the DynamoDB store: consistent, retried, in chunks."""

import pytest

from ledger.store import (
    Cell,
    Conflict,
    Corrupt,
    Key,
    Throttled,
    Unavailable,
)
from tests.store.scripted import DROPPED, READ_TIMEOUT, A, B, cancelled, says


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


def without(name, item):
    return {attribute: value for attribute, value in item.items() if attribute != name}


@pytest.mark.parametrize(
    "item",
    [
        without("d", head(A)),
        without("v", head(A)),
        head(A, version="1.5"),
        head(A) | {"d": {"S": "text"}},
        head(A) | {"n": {"S": "1"}},
        head(A) | {"n": {"N": "-1"}},
        head(A) | {"n": {"N": "1000000000"}, "g": {"B": b"g"}},
    ],
    ids=["no data", "no version", "half a version", "text", "parts in words", "less than no parts", "a billion parts"],
)
def test_an_item_that_the_store_never_wrote_is_corrupt_and_named(scripted, item):
    for act, answer in ((lambda store: store.get([A]), {"Item": item}), (lambda s: list(s.scan("letters")), None)):
        store, _ = scripted(answer or {"Items": [item]})
        with pytest.raises(Corrupt, match="letters"):
            act(store)


def test_a_scan_passes_over_items_that_are_no_cells(scripted):
    """Else somebody could put one beside a cell under whose key it would be read."""
    stranger = head(A, data=b"forged") | {"sk": {"S": "/a"}}
    store, _ = scripted({"Items": [head(A), head(B), stranger]})
    assert list(store.scan("letters")) == [(A, Cell(1, b"x")), (B, Cell(1, b"x"))]
