"""What DynamoDB's errors mean for a commit, and which token a retry carries."""

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    NoCredentialsError,
    ParamValidationError,
)
from botocore.parsers import ResponseParserError

from ledger.store import (
    Conflict,
    OutcomeUnknown,
    Throttled,
    TooLarge,
    Unavailable,
    Unusable,
)
from tests.store.scripted import DROPPED, READ_TIMEOUT, REFUSED, URL, A, B, C, cancelled, commit_two, says


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
