"""Which web pages may call the wallet's API and read its answers."""

import pytest

from infra.cors import Cors
from infra.errors import PropError
from tests.infra.access import LOCAL_PAGE, PAGE, environments, one_page, template, two_pages
from tests.infra.synthesis import resources
from tests.infra.test_wallet_api import method, methods, settings


def test_a_page_that_is_named_may_ask_without_credentials_what_it_may_send():
    found = template(one_page)
    asked = [properties for verb, _, properties in methods(found) if verb == "OPTIONS"]
    assert {properties["AuthorizationType"] for properties in asked} == {"NONE"}
    (response,) = method(found, "OPTIONS", "addfunds")["Integration"]["IntegrationResponses"]
    told = {name.rpartition(".")[2]: value for name, value in response["ResponseParameters"].items()}
    assert told["Access-Control-Allow-Origin"] == f"'{PAGE}'"
    assert told["Access-Control-Allow-Credentials"] == "'true'"
    assert {"Authorization", "Idempotency-Key", "X-Trace"} <= set(
        told["Access-Control-Allow-Headers"].strip("'").split(",")
    )
    assert told["Access-Control-Max-Age"] == "'3600'"


@pytest.mark.parametrize("prop", [one_page, two_pages])
def test_every_function_is_told_which_pages_may_read_its_answers(prop):
    found = environments(template(prop))
    assert len(found) == 9
    origins = {one_page: PAGE, two_pages: f"{PAGE} {LOCAL_PAGE}"}[prop]
    credentials = {one_page: "true", two_pages: "false"}[prop]
    assert {(one["CORS_ORIGINS"], one["CORS_CREDENTIALS"]) for one in found} == {(origins, credentials)}


def test_a_cached_answer_for_one_origin_is_not_given_to_another():
    get = method(template(two_pages), "GET", "checkfunds")
    assert set(get["Integration"]["CacheKeyParameters"]) == {
        "method.request.querystring.email",
        "method.request.header.Origin",
    }
    assert get["RequestParameters"]["method.request.header.Origin"] is False
    assert any(one.get("CachingEnabled") for one in settings(template(two_pages)).values())


@pytest.mark.parametrize(("prop", "readable"), [(one_page, True), (two_pages, False)])
def test_the_gateways_own_refusals_can_be_read_by_the_one_page_that_is_named_and_by_no_other(prop, readable):
    for body in resources(template(prop), "AWS::ApiGateway::GatewayResponse").values():
        headers = body["Properties"].get("ResponseParameters", {})
        assert headers.get("gatewayresponse.header.Access-Control-Allow-Origin") == (f"'{PAGE}'" if readable else None)


@pytest.mark.parametrize(
    ("props", "words"),
    [
        ({"origins": []}, "origins is empty"),
        ({"origins": ["*", PAGE]}, r"origins is \['\*', '.*'\]; give either '\*' or origins"),
        ({"origins": ["*"], "credentials": True}, r"credentials is True with origins '\*'"),
        ({"origins": [f"{PAGE}/"]}, "origins has 'https://wallet.example.com/'; give one like"),
        ({"origins": ["http://wallet.example.com"]}, "origins has 'http://wallet.example.com'"),
        ({"origins": ["https://*.example.com"]}, "origins has "),
        ({"origins": ["null"]}, "origins has 'null'"),
    ],
)
def test_origins_that_cannot_be_or_are_not_safe_are_refused(props, words):
    with pytest.raises(PropError, match=f"^{words}"):
        Cors(**props)
