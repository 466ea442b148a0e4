"""Subsegments as X-Ray's daemon gets them."""

import json
import threading
from types import SimpleNamespace

import pytest

from lambdas import tracing
from lambdas.wallet import handlers
from lambdas.wallet.profiles import DynamoDBProfiles
from tests.wallet.events import post
from tests.wallet.ledgers import ANA, open_account
from tests.wallet.xray import FUNCTION, ROOT


def test_a_subsegment_is_within_the_functions_own_segment_and_has_its_annotations(daemon):
    with tracing.subsegment("work") as traced:
        traced["status"] = 200
    (found,) = daemon()
    assert (found["type"], found["name"]) == ("subsegment", "work")
    assert (found["trace_id"], found["parent_id"]) == (ROOT, FUNCTION)
    assert len(found["id"]) == 16
    assert found["start_time"] <= found["end_time"]
    assert (found["annotations"], found["fault"]) == ({"status": 200}, False)


def test_a_subsegment_within_another_has_it_as_its_parent_and_the_next_one_has_not(daemon):
    with tracing.subsegment("outer"), tracing.subsegment("inner"):
        pass
    with tracing.subsegment("next"):
        pass
    inner, outer, following = daemon()
    assert (inner["name"], inner["parent_id"]) == ("inner", outer["id"])
    assert outer["parent_id"] == following["parent_id"] == FUNCTION


def test_subsegments_of_other_threads_are_not_mixed_up(daemon):
    def trace():
        with tracing.subsegment("other"):
            pass

    with tracing.subsegment("this"):
        thread = threading.Thread(target=trace)
        thread.start()
        thread.join()
    other, _this = daemon()
    assert other["parent_id"] == FUNCTION


def test_what_fails_is_a_fault_and_nothing_of_the_error_is_told(daemon):
    with pytest.raises(ZeroDivisionError), tracing.subsegment("work"):
        raise ZeroDivisionError("ana@example.com")
    (found,) = daemon()
    assert found["fault"] is True
    assert "ana" not in json.dumps(found)
    with tracing.subsegment("next"):
        pass
    assert daemon()[0]["parent_id"] == FUNCTION


def test_text_is_never_an_annotation(daemon):
    with tracing.subsegment("work") as traced:
        traced["email"] = "ana@example.com"
        traced["count"] = 1
    assert daemon()[0]["annotations"] == {"count": 1}


@pytest.mark.parametrize(
    "trace", [f"Root={ROOT};Parent={FUNCTION};Sampled=0", f"Root={ROOT};Sampled=1", "Root", "", ";;=;"]
)
def test_a_call_that_is_not_sampled_is_not_traced(daemon, monkeypatch, trace):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    with tracing.subsegment("work") as traced:
        traced["count"] = 1
    assert daemon() == []


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:text", "no-such-host.invalid:2000"])
def test_a_daemon_that_cannot_be_reached_stops_nothing(daemon, monkeypatch, address):
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
    with tracing.subsegment("work"):
        done = True
    assert done


def test_a_call_is_traced_with_its_transaction_and_how_it_ended(wallet, monkeypatch, daemon):
    open_account(wallet, ANA, "100.00")
    monkeypatch.setattr(handlers, "wallet", lambda: wallet)
    daemon()
    handlers.add_funds(post({"email": ANA, "AddFunds": 12.5}), SimpleNamespace())
    transaction, call = daemon()
    assert (transaction["name"], call["name"]) == ("transaction", "addfunds")
    assert transaction["parent_id"] == call["id"]
    assert call["annotations"] == {"status": 200, "replayed": False, "retries": 0, "conflicts": 0}


def test_writing_a_profile_is_traced(daemon):
    client = SimpleNamespace(
        put_item=lambda **_: None, exceptions=SimpleNamespace(ConditionalCheckFailedException=OSError)
    )
    DynamoDBProfiles(client, "people").ensure(ANA, "Ana")
    assert [each["name"] for each in daemon()] == ["profile"]
