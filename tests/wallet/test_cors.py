import io
import json

import pytest

from lambdas import cors
from lambdas.cors import Cors
from lambdas.wallet import calls, handlers
from tests.wallet.events import post

PAGE, OTHER = "https://wallet.example.com", "https://evil.example"
NAMED = {"CORS_ORIGINS": f"{PAGE} http://localhost:3000"}


def headers(environment, origin=PAGE, name="Origin"):
    return Cors.read(environment).headers(post("{}", headers={name: origin} if origin else None))


def test_no_page_may_read_an_answer_unless_asked_for():
    assert headers({}) == {}
    assert headers({"CORS_ORIGINS": " ", "CORS_CREDENTIALS": "true"}) == {}


@pytest.mark.parametrize("name", ["Origin", "origin", "ORIGIN"])
@pytest.mark.parametrize("origin", [PAGE, "http://localhost:3000"])
def test_a_named_origin_is_told_that_it_may_read_and_caches_are_told_that_others_may_not(origin, name):
    assert headers(NAMED, origin, name) == {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Idempotency-Replayed, Retry-After",
    }


@pytest.mark.parametrize("origin", [None, OTHER, "null", f"{PAGE}.evil.example", "https://wallet.example.com:444", "*"])
def test_any_other_origin_is_told_nothing(origin):
    assert headers({**NAMED, "CORS_CREDENTIALS": "true"}, origin) == {"Vary": "Origin"}


def test_credentials_are_allowed_only_when_asked_for():
    assert "Access-Control-Allow-Credentials" not in headers({**NAMED, "CORS_CREDENTIALS": "false"})
    assert headers({**NAMED, "CORS_CREDENTIALS": "true"})["Access-Control-Allow-Credentials"] == "true"


def test_all_pages_may_read_with_the_star_but_never_with_credentials():
    found = headers({"CORS_ORIGINS": "*", "CORS_CREDENTIALS": "true"}, OTHER)
    assert found["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in found


def test_errors_can_be_read_by_pages_too(monkeypatch):
    monkeypatch.setattr(cors, "rule", lambda: Cors.read(NAMED))
    previous = calls.logger.registered_handler.setStream(io.StringIO())
    result = handlers.digest(post('{"email":"ana@example.com"}', headers={"origin": PAGE}), None)
    calls.logger.registered_handler.setStream(previous)
    assert (result["statusCode"], json.loads(result["body"])["statuscode"]) == (400, 400)
    assert result["headers"]["Access-Control-Allow-Origin"] == PAGE
    assert result["headers"]["Cache-Control"] == "no-store"
