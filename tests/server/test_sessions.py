"""SendCommand on the wire: shapes, headers, statuses, names and texts of errors."""

import re
from base64 import b64encode

import pytest

from ledger import ion
from tests.server.wire import HEADERS, Session, request, rows, send

ID = re.compile(r"[0-9A-Za-z]{22}")
DIGEST = b64encode(b"\0" * 32).decode()


def test_a_whole_dialogue_has_qldbs_shapes(session):
    assert session.started.headers["content-type"] == "application/x-amz-json-1.0"
    assert ID.fullmatch(session.started.headers["x-amzn-requestid"])
    transaction_id = session.begin()
    assert ID.fullmatch(transaction_id)
    created = session.execute("CREATE TABLE Person").json["ExecuteStatement"]
    assert created.keys() == {"FirstPage", "ConsumedIOs", "TimingInformation"}
    assert created["FirstPage"].keys() == {"Values"}
    assert rows(created["FirstPage"])[0].startswith("{tableId:")
    committed = session.commit().json["CommitTransaction"]
    assert committed.keys() == {"TransactionId", "CommitDigest", "ConsumedIOs", "TimingInformation"}
    assert committed["TransactionId"] == transaction_id
    assert committed["CommitDigest"] == b64encode(session.digest).decode()
    assert session.done("EndSession").keys() == {"TimingInformation"}
    assert session.send("StartTransaction").error == (400, "InvalidSessionException", "No such session")


def test_the_session_has_the_id_of_the_request_that_started_it(server, ledger_name):
    sessions = [Session(server.port, ledger_name) for _ in range(2)]
    identities = {session.started.headers["x-amzn-requestid"] for session in sessions}
    assert len(identities | {session.token for session in sessions}) == 4


def test_values_come_as_binary_whatever_they_were_sent_as(session):
    session.begin()
    parameters = [{"IonText": "a::{b: 1.50, c: [null.int, 2020-01-01T]}"}, {"IonBinary": "4AEA6oRKb2hu"}]
    members = {"TransactionId": session.transaction_id, "Parameters": parameters}
    page = session.done("ExecuteStatement", Statement="SELECT VALUE [?, ?] FROM << 0 >>", **members)["FirstPage"]
    assert rows(page) == ['[a::{b:1.50,c:[null.int,2020-01-01T]},"John"]']
    assert page["Values"][0].keys() == {"IonBinary"}


@pytest.mark.parametrize("absent", [{}, {"Parameters": None}, {"Parameters": []}])
def test_parameters_may_be_absent_null_or_empty(session, absent):
    session.begin()
    members = {"TransactionId": session.transaction_id, "Statement": "SELECT VALUE 1 FROM << 0 >>"}
    assert rows(session.done("ExecuteStatement", **members, **absent)["FirstPage"]) == ["1"]


def test_io_usage_counts_the_cells_and_timings_are_whole_milliseconds(session):
    session.begin()
    session.execute("CREATE TABLE T")
    session.commit()
    session.begin()
    inserted = session.execute("INSERT INTO T ?", {"k": 1}).json["ExecuteStatement"]
    assert inserted["ConsumedIOs"] == {"ReadIOs": 0, "WriteIOs": 0}
    # Block, document, history pointer.
    assert session.commit().json["CommitTransaction"]["ConsumedIOs"]["WriteIOs"] == 3
    session.begin()
    read = session.execute("SELECT * FROM T").json["ExecuteStatement"]
    assert read["ConsumedIOs"]["ReadIOs"] >= 1
    assert isinstance(read["TimingInformation"]["ProcessingTimeMilliseconds"], int)


def test_starting_a_transaction_while_one_is_open_is_refused_and_leaves_it_open(session):
    session.begin()
    assert session.send("StartTransaction").error == (400, "BadRequestException", "Transaction already open")
    assert session.commit().status == 200


def test_commands_without_an_open_transaction_are_refused(session):
    transaction_id = session.begin()
    session.done("AbortTransaction")
    no_transaction = (400, "BadRequestException", "No open transaction")
    assert session.send("AbortTransaction").error == no_transaction
    assert session.execute("SELECT * FROM T").error == no_transaction
    assert session.send("FetchPage", TransactionId=transaction_id, NextPageToken="abcd").error == no_transaction
    assert session.send("CommitTransaction", TransactionId=transaction_id, CommitDigest=DIGEST).error == no_transaction


def test_a_statement_error_has_qldbs_code_and_leaves_the_transaction_open(session):
    session.begin()
    refused = session.execute("DELETE FROM NonExistentTable")
    cause = "No such variable named 'NonExistentTable'"
    message = f"Semantic Error: at line 1, column 13: {cause}; {cause}"
    assert refused.error == (400, "BadRequestException", message)
    assert refused.json["Code"] == "432"
    assert session.execute("CREATE TABLE Person").status == 200
    again = session.execute("CREATE TABLE Person")
    assert again.error[2] == "Table with name: USER.Person already exists"
    assert again.json["Code"] == "412"
    assert session.commit().status == 200


def test_a_statement_that_is_none_is_refused_in_qldbs_words(session):
    session.begin()
    message = "Unsupported PartiQL Statement, Errors at:\nline 1, column 1"
    assert session.execute("Person").error == (400, "BadRequestException", message)


def test_a_commit_digest_of_other_statements_is_refused(session):
    transaction_id = session.begin()
    session.execute("SELECT VALUE 1 FROM << 0 >>")
    refused = session.send("CommitTransaction", TransactionId=transaction_id, CommitDigest=DIGEST)
    assert refused.error[:2] == (400, "BadRequestException")
    assert "commit digest does not match" in refused.error[2]


def test_of_two_transactions_that_change_what_they_read_the_second_conflicts(server, ledger_name):
    first, second = Session(server.port, ledger_name), Session(server.port, ledger_name)
    first.begin()
    first.execute("CREATE TABLE T")
    first.commit()
    for session in (first, second):
        session.begin()
        session.execute("SELECT * FROM T")
        session.execute("INSERT INTO T ?", {"n": 1})
    assert first.commit().status == 200
    message = "Optimistic concurrency control (OCC) failure encountered while committing the transaction"
    assert second.commit().error == (400, "OccConflictException", message)
    # Drivers use the session at once, without an abort.
    second.begin()
    assert second.commit().status == 200


def test_pages_follow_each_other_until_one_has_no_token(session):
    session.begin()
    session.execute("CREATE TABLE T")
    for start in (0, 20):
        session.execute("INSERT INTO T ?", [{"n": number} for number in range(start, start + 20)])
    page = session.execute("SELECT VALUE a.n * 40 + b.n FROM T AS a, T AS b").json["ExecuteStatement"]["FirstPage"]
    found, pages = rows(page), 1
    while token := page.get("NextPageToken"):
        page = session.done("FetchPage", TransactionId=session.transaction_id, NextPageToken=token)["Page"]
        found, pages = found + rows(page), pages + 1
    assert sorted(map(int, found)) == list(range(1600))
    assert pages > 1


def test_a_token_that_no_page_has_is_refused(session):
    transaction_id = session.begin()
    refused = session.send("FetchPage", TransactionId=transaction_id, NextPageToken="abcd")
    assert refused.error[:2] == (400, "BadRequestException")


@pytest.mark.parametrize("token", [None, "", "abcd", "x" * 2000, "ünknown"])
def test_a_token_that_no_session_has_is_an_invalid_session_so_that_drivers_start_anew(server, token):
    refused = send(server.port, {"SessionToken": token, "StartTransaction": {}})
    assert refused.error == (400, "InvalidSessionException", "No such session")


@pytest.mark.parametrize("name", ["no-such-ledger", "", "../../etc/passwd", "a" * 33, "a--b", "123", "ü"])
def test_a_ledger_that_is_not_there_is_a_bad_request(sqlite_server, name):
    refused = send(sqlite_server.port, {"StartSession": {"LedgerName": name}})
    assert refused.error[:2] == (400, "BadRequestException")


BAD_BODIES = {
    "no JSON": b"{",
    "no object": b"[]",
    "invalid UTF-8": b'{"SessionToken": "\xff"}',
    "half a surrogate pair": b'{"StartSession": {"LedgerName": "\\ud800"}}',
    "NaN": b'{"StartSession": NaN}',
    "deeply nested": b'{"a":' * 100_000,
    "a huge number": b'{"a": ' + b"9" * 10_000 + b"}",
    "a command of another type": b'{"StartSession": "demo"}',
    "a member of another type": b'{"StartSession": {"LedgerName": 5}}',
    "a blob that is no base64": b'{"SessionToken": "abcd", "CommitTransaction": {"CommitDigest": "?"}}',
    "a parameter of another type": b'{"SessionToken": "abcd", "ExecuteStatement": {"Parameters": [1]}}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_cannot_be_read_is_a_serialization_error(sqlite_server, body):
    assert send(sqlite_server.port, body).error[:2] == (400, "SerializationException")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        {},
        {"Unknown": {}},
        {"StartSession": {}},
        {"StartSession": {"LedgerName": "a"}, "EndSession": {}},
        {"SessionToken": "abcd"},
    ],
)
def test_a_request_without_exactly_one_whole_command_is_a_bad_request(sqlite_server, body):
    assert send(sqlite_server.port, body).error[:2] == (400, "BadRequestException")


def test_unknown_members_do_no_harm(session):
    answer = session.send("StartTransaction", Extra=1)
    assert answer.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Amz-Target": "QLDBSession.Other"},
        {"X-Amz-Target": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json"},
    ],
)
def test_another_target_or_content_type_is_an_unknown_operation(sqlite_server, headers):
    refused = send(sqlite_server.port, {}, **headers)
    assert refused.error[:2] == (400, "UnknownOperationException")
    assert ID.fullmatch(refused.headers["x-amzn-requestid"])


def test_a_content_type_may_have_a_charset(sqlite_server):
    headers = {"Content-Type": "Application/X-Amz-Json-1.0; charset=utf-8"}
    assert send(sqlite_server.port, {"StartSession": {}}, **headers).error[1] == "BadRequestException"


def test_a_body_over_the_limit_is_refused_before_it_is_read(sqlite_server):
    headers = {**HEADERS, "Content-Length": str(10**12)}
    assert request(sqlite_server.port, "POST", "/", b"", headers).error[:2] == (413, "RequestEntityTooLargeException")


def test_a_body_of_unknown_length_is_refused_when_it_grows_too_large(sqlite_server):
    chunks = (b"x" * 1_000_000 for _ in range(60))
    answer = request(sqlite_server.port, "POST", "/", chunks, {**HEADERS, "Transfer-Encoding": "chunked"})
    assert answer.error[:2] == (413, "RequestEntityTooLargeException")


@pytest.mark.parametrize("length", ["-1", "x", "1" * 5000])
def test_a_length_that_is_no_number_is_a_client_error(sqlite_server, length):
    assert request(sqlite_server.port, "POST", "/", b"", {**HEADERS, "Content-Length": length}).status in {400, 413}


@pytest.mark.parametrize(
    ("holder", "complaint"),
    [
        ({"IonBinary": b64encode(b"\xe0\x01\x00\xea").decode()}, "exactly one Ion value, got 0"),
        ({"IonBinary": b64encode(b"\xe0\x01\x00\xea\xde").decode()}, "not readable as Ion"),
        ({"IonText": "{a:"}, "not readable as Ion"),
        ({"IonText": "1 2"}, "exactly one Ion value, got 2"),
        ({"IonText": "[" * 5000}, "not readable as Ion"),
        ({"IonText": "'" + "x" * 1_048_576}, "has 1048577 characters, send at most 1048576"),
        ({"IonBinary": b64encode(ion.dumps("x" * 131_072)).decode()}, "bytes, send at most 131072"),
        ({}, "needs IonBinary or IonText"),
    ],
)
def test_a_parameter_that_is_no_ion_or_too_large_is_a_bad_request(session, holder, complaint):
    session.begin()
    members = {"TransactionId": session.transaction_id, "Statement": "SELECT ? FROM << 0 >>"}
    refused = session.send("ExecuteStatement", Parameters=[holder], **members)
    assert refused.error[:2] == (400, "BadRequestException")
    assert complaint in refused.error[2]


def test_a_statement_of_more_than_100000_characters_is_a_bad_request(session):
    session.begin()
    refused = session.execute(f"SELECT VALUE '{'x' * 100_000}' FROM << 0 >>")
    assert refused.error[:2] == (400, "BadRequestException")


def test_a_request_from_a_web_page_is_refused(sqlite_server):
    refused = send(sqlite_server.port, {"StartSession": {}}, Origin="http://example.com")
    assert refused.error[:2] == (403, "AccessDeniedException")
