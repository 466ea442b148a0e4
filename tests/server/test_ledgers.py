"""The control plane, by the SDK's client: ledgers and tags, with QLDB's errors and statuses."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.server.processes import wait_until
from tests.server.wire import request


def refusal(raised):
    """Status and name of an error, and what it says beside the message."""
    response = raised.value.response
    extra = {key: response[key] for key in ("ResourceType", "ResourceName", "ParameterName") if key in response}
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], extra


def of_ledger(name):
    return {"ResourceType": "Ledger", "ResourceName": name}


def wait_until_gone(qldb, name):
    """Poll as Terraform and the drivers' tests do."""

    def is_gone():
        try:
            assert qldb.describe_ledger(Name=name)["State"] == "DELETING"
        except qldb.exceptions.ResourceNotFoundException:
            return True
        return False

    wait_until(is_gone)


def test_a_ledger_is_created_and_described(qldb, new_name):
    name = new_name()
    created = qldb.create_ledger(Name=name, PermissionsMode="STANDARD", Tags={"team": "a", "empty": ""})
    arn = f"arn:aws:qldb:us-east-1:000000000000:ledger/{name}"
    expected = {"Name": name, "Arn": arn, "PermissionsMode": "STANDARD", "DeletionProtection": True}
    assert expected.items() <= created.items()
    assert (created["State"], created["KmsKeyArn"]) == ("CREATING", "AWS_OWNED_KMS_KEY")
    assert timedelta(0) <= datetime.now(UTC) - created["CreationDateTime"] < timedelta(minutes=5)
    described = qldb.describe_ledger(Name=name)
    assert expected.items() <= described.items()
    assert described["State"] == "ACTIVE"
    assert described["CreationDateTime"] == created["CreationDateTime"]
    assert described["EncryptionDescription"] == {"KmsKeyArn": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"}
    assert qldb.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "a", "empty": ""}


def test_every_answer_has_a_request_id(qldb, new_name):
    assert len(qldb.list_ledgers()["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]) == 22
    with pytest.raises(ClientError) as raised:
        qldb.describe_ledger(Name=new_name())
    assert len(raised.value.response["ResponseMetadata"]["RequestId"]) == 22


def test_a_name_is_taken_once(qldb, ledger_name):
    with pytest.raises(qldb.exceptions.ResourceAlreadyExistsException) as raised:
        qldb.create_ledger(Name=ledger_name, PermissionsMode="ALLOW_ALL")
    assert refusal(raised) == (409, "ResourceAlreadyExistsException", of_ledger(ledger_name))


@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"Name": "a--b"}, "Name"),
        ({"Name": "-a"}, "Name"),
        ({"Name": "a-"}, "Name"),
        ({"Name": "123"}, "Name"),
        ({"Name": "a.b"}, "Name"),
        ({"Name": "a\n"}, "Name"),
        ({"Name": "x" * 33}, "Name"),
        ({"PermissionsMode": "OTHER"}, "PermissionsMode"),
        ({"Tags": {"aws:mine": "x"}}, "Tags"),
        ({"Tags": {"k": "v" * 257}}, "Tags"),
        ({"Tags": {str(number): "" for number in range(51)}}, "Tags"),
    ],
)
def test_creating_with_a_wrong_member_names_it(sqlite_server, clients, members, parameter):
    qldb = clients(sqlite_server)
    with pytest.raises(qldb.exceptions.InvalidParameterException) as raised:
        qldb.create_ledger(**{"Name": "fine", "PermissionsMode": "ALLOW_ALL", **members})
    assert refusal(raised) == (400, "InvalidParameterException", {"ParameterName": parameter})
    assert "fine" not in {ledger["Name"] for ledger in qldb.list_ledgers()["Ledgers"]}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"{}", "InvalidParameterException"),
        (b'{"Name": "fine"}', "InvalidParameterException"),
        (b'{"Name": 5, "PermissionsMode": "STANDARD"}', "SerializationException"),
        (b'{"Name": "fine", "PermissionsMode": "STANDARD", "DeletionProtection": "no"}', "SerializationException"),
        (b'{"Name": "fine", "PermissionsMode": "STANDARD", "Tags": []}', "SerializationException"),
        (b'{"Name": "fine", "PermissionsMode": "STANDARD", "Tags": {"a": 1}}', "InvalidParameterException"),
        (b'{"Name": "fine", "PermissionsMode": "STANDARD", "Tags": {"": "a"}}', "InvalidParameterException"),
        (b"{", "SerializationException"),
        (b"\xff", "SerializationException"),
    ],
)
def test_creating_with_a_body_that_sdks_would_not_send_is_a_client_error(sqlite_server, body, name):
    assert request(sqlite_server.port, "POST", "/ledgers", body).error[:2] == (400, name)


def test_ledgers_are_listed_by_page_in_the_order_of_their_names(qldb, new_name):
    names = {new_name() for _ in range(5)}
    for name in names:
        qldb.create_ledger(Name=name, PermissionsMode="ALLOW_ALL")
    most = max(2, len(qldb.list_ledgers()["Ledgers"]) // 3)
    found, token = [], {}
    while True:
        page = qldb.list_ledgers(MaxResults=most, **token)
        assert len(page["Ledgers"]) <= most
        found += page["Ledgers"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [ledger["Name"] for ledger in found] == sorted(ledger["Name"] for ledger in found)
    assert names <= {ledger["Name"] for ledger in found}
    assert {ledger.keys() == {"Name", "State", "CreationDateTime"} for ledger in found} == {True}


@pytest.mark.parametrize(
    "query", ["max_results=0", "max_results=101", "max_results=x", "next_token=%FF", "next_token=!"]
)
def test_listing_with_a_wrong_page_is_a_client_error(sqlite_server, query):
    assert request(sqlite_server.port, "GET", f"/ledgers?{query}").error[:2] == (400, "InvalidParameterException")


def test_a_protected_ledger_is_not_deleted(qldb, new_name):
    name = new_name()
    qldb.create_ledger(Name=name, PermissionsMode="ALLOW_ALL")
    with pytest.raises(qldb.exceptions.ResourcePreconditionNotMetException) as raised:
        qldb.delete_ledger(Name=name)
    assert refusal(raised) == (412, "ResourcePreconditionNotMetException", of_ledger(name))
    updated = qldb.update_ledger(Name=name, DeletionProtection=False)
    assert updated["DeletionProtection"] is False
    assert "PermissionsMode" not in updated
    qldb.delete_ledger(Name=name)
    wait_until_gone(qldb, name)


def test_a_deleted_ledger_leaves_nothing_to_one_of_its_name(qldb, ledger_name, new_driver):
    with new_driver() as driver:
        driver.execute_lambda(lambda txn: txn.execute_statement("CREATE TABLE T"))
    arn = qldb.describe_ledger(Name=ledger_name)["Arn"]
    qldb.tag_resource(ResourceArn=arn, Tags={"a": "b"})
    qldb.delete_ledger(Name=ledger_name)
    wait_until_gone(qldb, ledger_name)
    qldb.create_ledger(Name=ledger_name, PermissionsMode="STANDARD")
    with new_driver() as driver:
        assert list(driver.list_tables()) == []
    assert qldb.describe_ledger(Name=ledger_name)["DeletionProtection"] is True
    assert qldb.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}


def test_sessions_end_with_their_ledger(qldb, session, ledger_name):
    session.begin()
    qldb.delete_ledger(Name=ledger_name)
    assert session.send("AbortTransaction").error == (400, "InvalidSessionException", "No such session")


@pytest.mark.parametrize(
    "call",
    [
        lambda qldb, name: qldb.describe_ledger(Name=name),
        lambda qldb, name: qldb.update_ledger(Name=name, DeletionProtection=False),
        lambda qldb, name: qldb.update_ledger_permissions_mode(Name=name, PermissionsMode="STANDARD"),
        lambda qldb, name: qldb.delete_ledger(Name=name),
        lambda qldb, name: qldb.get_digest(Name=name),
        lambda qldb, name: qldb.list_tags_for_resource(ResourceArn=f"arn:aws:qldb:us-east-1:1:ledger/{name}"),
        lambda qldb, name: qldb.tag_resource(ResourceArn=f"arn:aws:qldb:us-east-1:1:ledger/{name}", Tags={"a": "b"}),
        lambda qldb, name: qldb.untag_resource(ResourceArn=f"arn:aws:qldb:us-east-1:1:ledger/{name}", TagKeys=["a"]),
    ],
)
def test_a_ledger_that_is_not_there_is_not_found(qldb, new_name, call):
    name = new_name()
    with pytest.raises(qldb.exceptions.ResourceNotFoundException) as raised:
        call(qldb, name)
    assert refusal(raised) == (404, "ResourceNotFoundException", of_ledger(name))


def test_the_permissions_mode_and_the_key_are_kept(qldb, ledger_name):
    changed = qldb.update_ledger_permissions_mode(Name=ledger_name, PermissionsMode="STANDARD")
    assert (changed["Name"], changed["PermissionsMode"]) == (ledger_name, "STANDARD")
    key = "arn:aws:kms:us-east-1:000000000000:key/one"
    qldb.update_ledger(Name=ledger_name, KmsKey="one")
    described = qldb.describe_ledger(Name=ledger_name)
    assert described["PermissionsMode"] == "STANDARD"
    assert described["EncryptionDescription"]["KmsKeyArn"] == key
    assert described["DeletionProtection"] is False


def test_tags_are_added_listed_and_removed(qldb, ledger_name):
    arn = qldb.describe_ledger(Name=ledger_name)["Arn"]
    qldb.tag_resource(ResourceArn=arn, Tags={"a b": "1/2", "ü": "&=", "c": "3"})
    qldb.untag_resource(ResourceArn=arn, TagKeys=["c", "not there"])
    assert qldb.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a b": "1/2", "ü": "&="}
    qldb.untag_resource(ResourceArn=arn, TagKeys=["a b", "ü"])
    assert qldb.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}


def test_a_tag_that_is_there_or_one_too_many_is_refused_and_changes_nothing(qldb, ledger_name):
    arn = qldb.describe_ledger(Name=ledger_name)["Arn"]
    tags = {str(number): "" for number in range(50)}
    qldb.tag_resource(ResourceArn=arn, Tags=tags)
    for refused in ({"0": "new"}, {"50": ""}):
        with pytest.raises(qldb.exceptions.InvalidParameterException):
            qldb.tag_resource(ResourceArn=arn, Tags=refused)
    assert qldb.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags


def test_an_arn_in_the_path_may_have_its_slash_as_it_is(server, ledger_name):
    path = f"/tags/arn:aws:qldb:us-east-1:000000000000:ledger/{ledger_name}"
    assert request(server.port, "GET", path).json == {"Tags": {}}


@pytest.mark.parametrize(
    ("arn", "status"), [("nonsense", 400), ("arn%3Aaws%3As3%3A%3A%3Ab", 400), ("arn:aws:qldb:r:1:table%2Fa%2Fb", 404)]
)
def test_tags_of_something_else_are_refused(sqlite_server, arn, status):
    assert request(sqlite_server.port, "GET", f"/tags/{arn}").error[0] == status


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("PUT", "/ledgers"), ("POST", "/ledgers/a%2Fdigest"), ("GET", "/")]
)
def test_what_is_no_operation_says_so(sqlite_server, method, path):
    assert request(sqlite_server.port, method, path).error[1] == "UnknownOperationException"
