"""The OpenAPI document by itself: it is what the code says, and what it says of values is what the code does."""

import json
from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas import jsontext
from lambdas.errors import BadInputError
from lambdas.wallet import evidence_fields, failures, fields, idempotency, money, receipts
from lambdas.wallet.openapi.__main__ import PATH, text
from lambdas.wallet.openapi.document import CALLS
from lambdas.wallet.openapi.refusals import REFUSALS
from ledger import ion
from ledger.verification.receipt import verify_receipt
from tests.contract.described import DOCUMENT, operations, validator
from tests.depth import examples
from tests.verifier.verdicts import is_proven

OPERATIONS = operations()
RULES = {
    "email": fields.EMAIL,
    "username": fields.USERNAME,
    "pageSize": fields.PAGE_SIZE,
    "pageToken": fields.PAGE_TOKEN,
    "version": fields.VERSION,
    "digestTipAddress": fields.DIGEST_TIP_ADDRESS,
    "amount": money.AMOUNT,
    "documentId": evidence_fields.DOCUMENT_ID,
    "blockAddress": evidence_fields.BLOCK_ADDRESS,
    "hash": evidence_fields.COPY,
    "version of a receipt": evidence_fields.VERSION,
    "digestNumber": evidence_fields.DIGEST_NUMBER,
    receipts.PARAMETER: receipts.RECEIPT,
    idempotency.HEADER: idempotency.KEY,
}


def is_taken(rule, value):
    try:
        rule.check(jsontext.loads(json.dumps(value)), "field")
    except BadInputError:
        return False
    return True


def test_the_document_that_is_checked_in_is_the_one_that_the_code_makes():
    assert PATH.read_text() == text(), "run: python -m lambdas.wallet.openapi"


def test_every_member_of_every_request_is_under_a_rule_that_is_tried_here():
    used = {member.rule.schema["description"] for call in CALLS for member in call.request.members}
    assert used <= {rule.schema["description"] for rule in RULES.values()}


texts = (
    st.text(max_size=300)
    | st.from_regex(fields.EMAIL.schema["pattern"])
    | st.from_regex(fields.USERNAME.schema["pattern"])
    | st.emails()
    | st.text(st.characters(max_codepoint=0x2070), max_size=110)
)
numbers = (
    st.integers(-(10**12), 10**13)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-5, 10**15).map(lambda cents: cents / 100)
    | st.integers(-5, 10**6).map(lambda mills: mills / 1000)
)
values = (
    st.none()
    | st.booleans()
    | texts
    | numbers
    | st.lists(texts, max_size=2)
    | st.dictionaries(texts, texts, max_size=1)
    | st.from_regex("^[0-9A-Za-z]{21,23}$")
    | st.sampled_from(["true", "false", "True", ""])
    | st.fixed_dictionaries(
        {"strandId": st.from_regex("^[0-9A-Za-z]{22}$"), "sequenceNo": numbers}, optional={"more": numbers}
    )
)


@pytest.mark.parametrize("name", [name for name in RULES if name != idempotency.HEADER])
@given(data=st.data())
@settings(max_examples=examples(50))
def test_a_field_takes_the_values_that_its_schema_allows_and_no_other(name, data):
    rule = RULES[name]
    value = data.draw(values)
    assert is_taken(rule, value) == validator(rule.schema).is_valid(value)


@settings(max_examples=examples(50))
@given(key=st.text(st.characters(max_codepoint=0x80), max_size=260).map(str.strip))
def test_an_idempotency_key_is_taken_if_its_schema_allows_it(key):
    assert is_taken(idempotency.KEY, key) == validator(idempotency.KEY.schema).is_valid(key)


def examples_of(node):
    """Give every schema that has an example, with the example."""
    if isinstance(node, dict):
        if "schema" in node and "example" in node:
            yield node["schema"], node["example"]
        if isinstance(node.get("examples"), list):
            yield from ((node, example) for example in node["examples"])
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from examples_of(each)


def test_every_example_is_valid():
    found = list(examples_of(DOCUMENT))
    assert len(found) > 60
    assert [example for schema, example in found if not validator(schema).is_valid(example)] == []


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_the_example_of_a_request_is_taken(call):
    body = OPERATIONS["POST", f"/{call.request.operation}"]["requestBody"]["content"]["application/json"]["example"]
    assert call.request.parse(jsontext.loads(json.dumps(body)))


def test_the_example_of_a_proof_is_proven():
    content = OPERATIONS["POST", "/verify"]["responses"]["200"]["content"]
    answer = content["application/json"]["example"]
    revision, proof = (ion.parse(answer[name]) for name in ("revision", "proof"))
    assert is_proven("revision", revision, proof, b64decode(answer["digest"]))


def test_the_example_of_a_receipt_is_proven_against_the_example_of_a_notarised_digest():
    proof, digest = (
        OPERATIONS["POST", path]["responses"]["200"]["content"]["application/json"]["example"]
        for path in ("/proof", "/digest")
    )
    steps = list(verify_receipt(json.dumps(proof), json.dumps(digest), digest["notarised"]["publicKey"]))
    assert "CurrentBalance:250.00" in steps[-1].found


def test_every_status_that_a_function_may_answer_is_described():
    assert set(failures.STATUSES.values()) | {500} <= set(REFUSALS)


def references(node):
    if isinstance(node, dict):
        node = [*([node["$ref"]] if "$ref" in node else []), *node.values()]
    if isinstance(node, list):
        for each in node:
            yield from [each] if isinstance(each, str) and each.startswith("#/components/") else references(each)


def test_every_reference_leads_to_a_component_and_every_component_is_referred_to():
    there = {f"#/components/{kind}/{name}" for kind, named in DOCUMENT["components"].items() for name in named}
    assert set(references(DOCUMENT)) == {one for one in there if "/securitySchemes/" not in one}


def test_every_link_leads_to_an_operation():
    names = {operation["operationId"] for operation in OPERATIONS.values()}
    assert len(names) == len(OPERATIONS)
    links = [
        link
        for one in OPERATIONS.values()
        for answer in one["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert {link["operationId"] for link in links} <= names
    assert links
