import json

import pytest
from aws_cdk import aws_opensearchservice as opensearch

from infra.search_index import SearchIndex
from tests.infra.streams import KEY_ARN, STREAM_ARN, alarms, function, journal_in_kinesis, rights
from tests.infra.synthesis import only, resources, scratch_role, scratch_stack, statements, template_of

DOMAIN_ARN = "arn:aws:es:eu-west-1:111122223333:domain/books"


def search_index(stack, **options):
    return SearchIndex(stack, "Search", stream=journal_in_kinesis(stack), **options)


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    index = search_index(stack, index_name="books")
    index.collection.grant_read(scratch_role(stack), "books")
    return template_of(stack)


@pytest.fixture(scope="module")
def on_domain():
    stack = scratch_stack()
    domain = opensearch.Domain.from_domain_attributes(
        stack, "Domain", domain_arn=DOMAIN_ARN, domain_endpoint="https://books.eu-west-1.es.amazonaws.com"
    )
    search_index(stack, domain=domain, index_name="books")
    return template_of(stack)


def delivery(template):
    return only(template, "AWS::KinesisFirehose::DeliveryStream")["Properties"]


def serverless(template):
    return delivery(template)["AmazonOpenSearchServerlessDestinationConfiguration"]


def collection_name(template):
    return only(template, "AWS::OpenSearchServerless::Collection")["Properties"]["Name"]


def security_policy(template, kind):
    (found,) = [
        body["Properties"]
        for body in resources(template, "AWS::OpenSearchServerless::SecurityPolicy").values()
        if body["Properties"]["Type"] == kind
    ]
    return found


def access_policies(template):
    """Give who may do what in the collection: role -> (index, actions)."""
    for body in resources(template, "AWS::OpenSearchServerless::AccessPolicy").values():
        policy = body["Properties"]["Policy"]
        start, role, end = policy["Fn::Join"][1]
        (statement,) = json.loads(f"{start}role{end}")
        (rule,) = statement["Rules"]
        yield role["Fn::GetAtt"][0], tuple(rule["Resource"]), set(rule["Permission"])


def test_by_default_revisions_go_to_a_new_collection(template):
    assert delivery(template)["KinesisStreamSourceConfiguration"]["KinesisStreamARN"] == STREAM_ARN
    assert serverless(template)["IndexName"] == "books"
    (collection,) = resources(template, "AWS::OpenSearchServerless::Collection")
    assert serverless(template)["CollectionEndpoint"] == {"Fn::GetAtt": [collection, "CollectionEndpoint"]}


def test_revisions_are_made_into_documents_by_the_function(template):
    (processor,) = serverless(template)["ProcessingConfiguration"]["Processors"]
    parameters = {one["ParameterName"]: one["ParameterValue"] for one in processor["Parameters"]}
    assert parameters["LambdaArn"]["Fn::GetAtt"][0].startswith("SearchTransformer")
    assert function(template, "SearchTransformer")["Handler"] == "lambdas.stream.search.handler"


def test_the_collection_is_encrypted_with_the_streams_key(template):
    policy = json.loads(security_policy(template, "encryption")["Policy"])
    assert (policy["AWSOwnedKey"], policy["KmsARN"]) == (False, KEY_ARN)
    assert policy["Rules"][0]["Resource"] == [f"collection/{collection_name(template)}"]


def test_the_collection_is_made_after_its_policies(template):
    made = only(template, "AWS::OpenSearchServerless::Collection")
    assert set(made["DependsOn"]) == set(resources(template, "AWS::OpenSearchServerless::SecurityPolicy"))


def test_the_delivery_can_write_its_index_and_a_reader_can_only_read_it(template):
    found = {role.partition("Role")[0]: rest for role, *rest in access_policies(template)}
    index = (f"index/{collection_name(template)}/books",)
    assert found["SearchDelivery"] == [
        index,
        {"aoss:CreateIndex", "aoss:DescribeIndex", "aoss:UpdateIndex", "aoss:WriteDocument"},
    ]
    (reader,) = [rest for name, rest in found.items() if name.startswith("Reader")]
    assert reader == [index, {"aoss:DescribeIndex", "aoss:ReadDocument"}]


@pytest.mark.parametrize("role", ["SearchDeliveryRole", "Reader"])
def test_a_role_that_is_let_in_may_call_the_one_collection(template, role):
    (collection,) = resources(template, "AWS::OpenSearchServerless::Collection")
    (statement,) = [one for one in statements(template, role) if one["Action"] == "aoss:APIAccessAll"]
    assert statement["Resource"] == {"Fn::GetAtt": [collection, "Arn"]}


def test_the_delivery_is_made_after_its_access(template):
    policies = resources(template, "AWS::OpenSearchServerless::AccessPolicy")
    needed = only(template, "AWS::KinesisFirehose::DeliveryStream")["DependsOn"]
    assert len(set(policies) & set(needed)) == 1


def test_generated_names_are_such_as_opensearch_takes(template):
    kinds = ("Collection", "SecurityPolicy", "AccessPolicy")
    names = {
        body["Properties"]["Name"]
        for kind in kinds
        for body in resources(template, f"AWS::OpenSearchServerless::{kind}").values()
    }
    for name in names:
        assert 3 <= len(name) <= 32
        assert name[0].isalpha()
        assert name == name.lower()
        assert name.replace("-", "").isalnum()


@pytest.mark.parametrize("kind", ["template", "on_domain"])
def test_what_opensearch_refuses_is_kept_under_errors_and_rings_an_alarm(kind, request):
    template = request.getfixturevalue(kind)
    (destination,) = [value for key, value in delivery(template).items() if "Destination" in key]
    assert destination["S3BackupMode"] == "FailedDocumentsOnly"
    assert destination["S3Configuration"]["Prefix"] == "errors/"
    assert destination["S3Configuration"]["ErrorOutputPrefix"] == "errors/"
    assert alarms(template, "SearchDeliveryFailures")["MetricName"] == "PutRequests"


def test_a_domain_of_ones_own_takes_the_place_of_the_collection(on_domain):
    assert not resources(on_domain, "AWS::OpenSearchServerless::Collection")
    found = delivery(on_domain)["AmazonopensearchserviceDestinationConfiguration"]
    assert (found["DomainARN"], found["IndexName"]) == (DOMAIN_ARN, "books")
    assert found["IndexRotationPeriod"] == "NoRotation"
    assert found["DocumentIdOptions"] == {"DefaultDocumentIdFormat": "FIREHOSE_DEFAULT"}


def test_the_delivery_can_write_to_the_one_domain(on_domain):
    found = {
        json.dumps(one["Resource"])
        for one in statements(on_domain, "SearchDeliveryRole")
        if "es:" in str(one["Action"])
    }
    assert found == {f'"{DOMAIN_ARN}"', f'"{DOMAIN_ARN}/*"'}
    assert "ESHttpDelete" not in rights(on_domain, "SearchDeliveryRole", "es")


@pytest.mark.parametrize(
    ("kind", "metric"),
    [
        ("template", "DeliveryToAmazonOpenSearchServerless.DataFreshness"),
        ("on_domain", "DeliveryToAmazonOpenSearchService.DataFreshness"),
    ],
)
def test_an_alarm_rings_when_the_index_is_behind(kind, metric, request):
    assert alarms(request.getfixturevalue(kind), "SearchDeliveryBehind")["MetricName"] == metric
