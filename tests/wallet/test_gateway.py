import base64

import pytest

from lambdas import gateway
from lambdas.errors import BadInputError, BodyTooLargeError
from lambdas.gateway import Answer
from tests.wallet.events import get, post


def test_base64_body_is_decoded():
    body = base64.b64encode(b'{"a":1}').decode()
    assert gateway.json_object(post(body, isBase64Encoded=True)) == {"a": 1}


def test_body_that_is_not_the_base64_it_claims_to_be_is_refused():
    with pytest.raises(BadInputError, match="marked as base64"):
        gateway.json_object(post("{}", isBase64Encoded=True))


def test_body_that_is_not_utf8_is_refused():
    body = base64.b64encode(b'{"a":"\xff"}').decode()
    with pytest.raises(BadInputError, match="not UTF-8 at byte 6"):
        gateway.json_object(post(body, isBase64Encoded=True))


@pytest.mark.parametrize("body", [None, ""])
def test_missing_body_is_refused(body):
    with pytest.raises(BadInputError, match="body is empty"):
        gateway.json_object(post(body))


def padded(length: int) -> str:
    return '{"a":"' + "x" * (length - 8) + '"}'


def test_body_at_the_limit_is_read_and_one_byte_more_refused():
    assert gateway.json_object(post(padded(gateway.MAX_BODY_BYTES)))
    with pytest.raises(BodyTooLargeError, match="longer than 8192 bytes"):
        gateway.json_object(post(padded(gateway.MAX_BODY_BYTES + 1)))


def test_limit_counts_bytes_not_characters():
    with pytest.raises(BodyTooLargeError):
        gateway.json_object(post('{"a":"' + "é" * 5000 + '"}'))


def test_base64_body_at_the_limit_is_read_and_one_byte_more_refused():
    def encoded(length: int) -> str:
        return base64.b64encode(padded(length).encode()).decode()

    assert gateway.json_object(post(encoded(gateway.MAX_BODY_BYTES), isBase64Encoded=True))
    with pytest.raises(BodyTooLargeError):
        gateway.json_object(post(encoded(gateway.MAX_BODY_BYTES + 1), isBase64Encoded=True))


@pytest.mark.parametrize("name", ["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"])
def test_header_is_found_whatever_its_case(name):
    assert gateway.header(post("{}", headers={name: "k"}), "Idempotency-Key") == "k"


def test_header_is_found_when_the_event_has_no_headers_at_all():
    assert gateway.header(post("{}", headers=None) | {"headers": None, "multiValueHeaders": None}, "x") is None


def test_header_given_twice_with_different_values_is_refused():
    event = post("{}", headers={"x": "2"}) | {"multiValueHeaders": {"x": ["1", "2"]}}
    with pytest.raises(BadInputError, match="header X is there twice"):
        gateway.header(event, "X")


def test_query_parameter_given_twice_is_refused():
    event = get(email="b@x.y") | {"multiValueQueryStringParameters": {"email": ["a@x.y", "b@x.y"]}}
    with pytest.raises(BadInputError, match='query parameter "email" is there twice'):
        gateway.query(event)


def test_query_of_an_event_without_one_is_empty():
    assert gateway.query(post(None)) == {}


def test_answer_is_json_and_never_cached():
    result = Answer(200, {"message": "é", "CurrentBalance": 1}, replayed=True).as_result()
    assert result == {
        "statusCode": 200,
        "headers": {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "Idempotency-Replayed": "true",
        },
        "body": '{"message":"é","CurrentBalance":1}',
    }
