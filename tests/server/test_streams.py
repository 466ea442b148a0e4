"""Journal streams by the SDK's client: started, described, listed, tagged, canceled, and delivered by the server."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.server.conftest import KINDS, MANY
from tests.server.kinesis import control, holds, of_kind, summaries
from tests.server.processes import Server, running, wait_until
from tests.server.streamed import LONG_AGO, ROLE, Journal, check_against_ledger
from tests.server.test_ledgers import refusal, wait_until_gone
from tests.server.wire import request

NOBODY = "0007KbqoyqAIch6XRbQ4iA"


@pytest.fixture(scope="session")
def sqlite_streamer(cloud, tmp_path_factory):
    with running("--data", str(tmp_path_factory.mktemp("streamed")), *MANY, environment=cloud.environment()) as server:
        yield server


@pytest.fixture(params=KINDS)
def server(request) -> Server:
    """A server on each kind of store that finds the local cloud's Kinesis in its environment."""
    return request.getfixturevalue({"sqlite": "sqlite_streamer", "dynamodb": "dynamodb_server"}[request.param])


@pytest.fixture
def journal(qldb, ledger_name, driver, target):
    opened = Journal(qldb, ledger_name, driver, target)
    yield opened
    opened.cancel_all()


@pytest.mark.parametrize("aggregated", [True, False])
def test_a_stream_delivers_the_whole_journal_and_then_what_is_committed(journal, aggregated):
    journal.fill(5)
    stream_id = journal.start(aggregated=aggregated)
    journal.run("INSERT INTO T {'late': true}")
    ends = journal.tips()
    records = journal.target.wait_for(lambda records: holds(records, ends))
    check_against_ledger(journal, records)
    assert (journal.target.arrivals < len(records)) is aggregated
    assert control(records) == ["CREATED"]
    described = journal.describe(stream_id)
    assert {record.arn for record in records} == {described["Arn"]}
    assert described["Arn"] == f"arn:aws:qldb:us-east-1:000000000000:stream/{journal.name}/{stream_id}"
    assert (described["Status"], "ErrorCause" in described, "ExclusiveEndTime" in described) == ("ACTIVE", False, False)
    assert described["KinesisConfiguration"] == {"StreamArn": journal.target.arn, "AggregationEnabled": aggregated}
    assert (described["StreamName"], described["RoleArn"]) == ("audit", ROLE)
    assert described["InclusiveStartTime"] == journal.qldb.describe_ledger(Name=journal.name)["CreationDateTime"]


def test_revisions_of_a_document_come_under_its_id_and_in_order(journal):
    journal.run("CREATE TABLE T")
    journal.run("INSERT INTO T {'n': 0}")
    journal.start()
    for number in range(1, 6):
        journal.run("UPDATE T SET n = ?", number)
    records = journal.target.wait_for(lambda records: len(of_kind(records, "REVISION_DETAILS")) >= 6)
    details = [record for record in records if record.kind == "REVISION_DETAILS"]
    assert {record.key for record in details} == {str(details[0].payload["revision"]["metadata"]["id"])}
    assert [int(record.payload["revision"]["data"]["n"]) for record in details] == list(range(6))


def test_a_stream_with_an_end_is_completed_and_says_so_in_its_last_record(journal):
    journal.fill(3)
    time.sleep(0.01)  # blocks have milliseconds
    end = datetime.now(UTC)
    time.sleep(0.01)
    # A table is announced on every strand, so nothing older than the end can come on any of them.
    journal.run("CREATE TABLE Later")
    stream_id = journal.start(ExclusiveEndTime=end)
    journal.target.wait_for(lambda records: control(records) == ["CREATED", "COMPLETED"])
    records = journal.target.records()
    assert all(summary["blockTimestamp"] < end for summary in of_kind(records, "BLOCK_SUMMARY"))
    assert len(of_kind(records, "REVISION_DETAILS")) == 7
    wait_until(lambda: journal.describe(stream_id)["Status"] == "COMPLETED")
    assert journal.describe(stream_id)["ExclusiveEndTime"] == end.replace(
        microsecond=-(-end.microsecond // 1000) * 1000
    )
    with pytest.raises(journal.qldb.exceptions.ResourcePreconditionNotMetException) as raised:
        journal.cancel(stream_id)
    assert refusal(raised)[:2] == (412, "ResourcePreconditionNotMetException")


def test_a_canceled_stream_delivers_no_more_and_no_record_tells_of_it(journal):
    journal.run("CREATE TABLE T")
    stopped, going_on = journal.start(), journal.start(StreamName="other")
    before = journal.tips()
    journal.target.wait_for(lambda records: all(before <= of(records, each).keys() for each in (stopped, going_on)))
    assert journal.cancel(stopped) == stopped
    journal.run("INSERT INTO T {'n': 1}")
    after = journal.tips()
    records = journal.target.wait_for(lambda records: after <= of(records, going_on).keys())
    assert of(records, stopped).keys() == of(records, going_on).keys() - (after - before)
    assert control([record for record in records if record.arn.endswith(stopped)]) == ["CREATED"]
    assert journal.describe(stopped)["Status"] == "CANCELED"
    for stream_id, status in ((stopped, 412), (NOBODY, 404)):
        with pytest.raises(ClientError) as raised:
            journal.cancel(stream_id)
        assert refusal(raised)[0] == status


def of(records, stream_id):
    return summaries([record for record in records if record.arn.endswith(stream_id)])


def test_streams_of_a_ledger_are_five_at_most_and_each_has_its_own_name(journal):
    first = journal.start()
    with pytest.raises(journal.qldb.exceptions.InvalidParameterException, match="'audit'") as raised:
        journal.start()
    assert refusal(raised)[2] == {"ParameterName": "StreamName"}
    for number in range(4):
        journal.start(StreamName=f"s{number}")
    with pytest.raises(ClientError, match="5 streams of this ledger are live") as raised:
        journal.start(StreamName="s5")
    assert refusal(raised)[:2] == (400, "LimitExceededException")
    journal.cancel(first)
    assert journal.start() != first


def test_streams_are_listed_by_page_oldest_first(journal):
    begun = [journal.start(StreamName=f"s{number}") for number in range(5)]
    found, token = [], {}
    while True:
        page = journal.list(MaxResults=2, **token)
        assert len(page["Streams"]) <= 2
        found += page["Streams"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [stream["StreamId"] for stream in found] == begun
    assert {stream["LedgerName"] for stream in found} == {journal.name}


@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"StreamName": "a--b"}, "StreamName"),
        ({"StreamName": "123"}, "StreamName"),
        ({"RoleArn": "arn:aws:iam::1:user/somebody"}, "RoleArn"),
        ({"KinesisConfiguration": {"StreamArn": "arn:aws:s3:::bucket/stream"}}, "StreamArn"),
        ({"InclusiveStartTime": datetime.now(UTC) + timedelta(days=1)}, "InclusiveStartTime"),
        ({"InclusiveStartTime": LONG_AGO, "ExclusiveEndTime": LONG_AGO}, "InclusiveStartTime"),
        ({"Tags": {"aws:mine": "x"}}, "Tags"),
    ],
)
def test_a_request_that_cannot_be_carried_out_names_the_member_and_starts_nothing(journal, members, parameter):
    with pytest.raises(journal.qldb.exceptions.InvalidParameterException) as raised:
        journal.start(**members)
    assert refusal(raised) == (400, "InvalidParameterException", {"ParameterName": parameter})
    assert journal.list()["Streams"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"StreamName": "a"}',
        b'{"StreamName": "a", "RoleArn": 5}',
        b'{"KinesisConfiguration": []}',
        b'{"KinesisConfiguration": {"StreamArn": "x", "AggregationEnabled": "no"}}',
        b'{"InclusiveStartTime": "2019-01-01", "StreamName": "a", "KinesisConfiguration": {}}',
    ],
)
def test_a_body_that_sdks_would_not_send_is_a_client_error(server, ledger_name, body):
    assert request(server.port, "POST", f"/ledgers/{ledger_name}/journal-kinesis-streams", body).error[0] == 400


def test_a_data_stream_that_is_not_there_is_refused_in_the_words_of_qldb(journal):
    journal.target.delete()
    expected = (
        "QLDB encountered an error validating Kinesis Data Streams: "
        "Response from Kinesis: ResourceNotFoundException Stream .* not found"
    )
    with pytest.raises(journal.qldb.exceptions.InvalidParameterException, match=expected) as raised:
        journal.start()
    assert refusal(raised)[2] == {"ParameterName": "KinesisConfiguration"}
    assert journal.list()["Streams"] == []


def test_a_server_that_cannot_reach_kinesis_says_why(tmp_path, new_name):
    configuration = {"StreamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}
    with running("--data", str(tmp_path)) as alone:
        qldb = alone.client()
        qldb.create_ledger(Name="demo", PermissionsMode="ALLOW_ALL")
        with pytest.raises(
            qldb.exceptions.InvalidParameterException,
            match="validating Kinesis Data Streams: You must specify a region",
        ):
            qldb.stream_journal_to_kinesis(
                LedgerName="demo",
                StreamName="audit",
                RoleArn=ROLE,
                InclusiveStartTime=LONG_AGO,
                KinesisConfiguration=configuration,
            )
        qldb.close()


@pytest.mark.parametrize(
    "call",
    [
        lambda qldb, name: qldb.describe_journal_kinesis_stream(LedgerName=name, StreamId=NOBODY),
        lambda qldb, name: qldb.cancel_journal_kinesis_stream(LedgerName=name, StreamId=NOBODY),
        lambda qldb, name: qldb.list_journal_kinesis_streams_for_ledger(LedgerName=name),
        lambda qldb, name: qldb.list_tags_for_resource(
            ResourceArn=f"arn:aws:qldb:us-east-1:000000000000:stream/{name}/{NOBODY}"
        ),
    ],
)
def test_streams_of_a_ledger_that_is_not_there_are_not_found(qldb, new_name, call):
    name = new_name()
    with pytest.raises(qldb.exceptions.ResourceNotFoundException) as raised:
        call(qldb, name)
    assert refusal(raised)[2] == {"ResourceType": "Ledger", "ResourceName": name}


def test_a_stream_that_is_not_there_is_not_found(qldb, ledger_name):
    with pytest.raises(qldb.exceptions.ResourceNotFoundException) as raised:
        qldb.describe_journal_kinesis_stream(LedgerName=ledger_name, StreamId=NOBODY)
    assert refusal(raised)[2] == {"ResourceType": "JournalKinesisStream", "ResourceName": NOBODY}


def test_tags_of_a_stream_are_its_own(journal):
    arn = journal.describe(journal.start(Tags={"team": "a", "empty": ""}))["Arn"]
    other = journal.describe(journal.start(StreamName="other"))["Arn"]
    assert journal.qldb.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "a", "empty": ""}
    assert journal.qldb.list_tags_for_resource(ResourceArn=other)["Tags"] == {}
    journal.qldb.tag_resource(ResourceArn=other, Tags={"team": "b"})
    journal.qldb.untag_resource(ResourceArn=arn, TagKeys=["empty"])
    with pytest.raises(journal.qldb.exceptions.InvalidParameterException):
        journal.qldb.tag_resource(ResourceArn=arn, Tags={"team": "c"})
    assert journal.qldb.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "a"}
    assert journal.qldb.list_tags_for_resource(ResourceArn=other)["Tags"] == {"team": "b"}
    ledger = journal.qldb.describe_ledger(Name=journal.name)["Arn"]
    assert journal.qldb.list_tags_for_resource(ResourceArn=ledger)["Tags"] == {}
    nobody = f"{arn.rpartition('/')[0]}/{NOBODY}"
    with pytest.raises(journal.qldb.exceptions.ResourceNotFoundException):
        journal.qldb.tag_resource(ResourceArn=nobody, Tags={"a": "b"})


def test_streams_end_with_their_ledger_and_a_new_one_of_its_name_has_none(journal):
    journal.run("CREATE TABLE T")
    stream_id = journal.start()
    journal.target.wait_for(summaries)
    journal.qldb.delete_ledger(Name=journal.name)
    wait_until_gone(journal.qldb, journal.name)
    with pytest.raises(journal.qldb.exceptions.ResourceNotFoundException):
        journal.qldb.describe_journal_kinesis_stream(LedgerName=journal.name, StreamId=stream_id)
    journal.qldb.create_ledger(Name=journal.name, PermissionsMode="ALLOW_ALL", DeletionProtection=False)
    assert journal.list()["Streams"] == []
    assert "COMPLETED" not in control(journal.target.records())
