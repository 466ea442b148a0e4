"""Whatever is sent, the answer is a QLDB or AWS error, in time, and never the server's failure."""

import json
import socket
from base64 import b64encode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.wire import HEADERS, Session, request, send

SETTINGS = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
COMMANDS = (
    "StartSession StartTransaction ExecuteStatement FetchPage CommitTransaction AbortTransaction EndSession".split()
)
MEMBERS = "LedgerName TransactionId Statement Parameters NextPageToken CommitDigest IonBinary IonText".split()

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("demo"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS) | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
blobs = st.binary(max_size=40).map(lambda data: b64encode(b"\xe0\x01\x00\xea" + data).decode())
values = st.builds(lambda data: {"IonBinary": data}, blobs) | st.builds(lambda text: {"IonText": text}, st.text())


def check(answer):
    """An answer that a client can make sense of."""
    assert answer.status in {200, 400, 403, 404, 405, 409, 412, 413}
    assert len(answer.headers["x-amzn-requestid"]) == 22
    body = answer.json
    if answer.status != 200:
        assert answer.headers["x-amzn-errortype"] == body["__type"]
        assert body["__type"].endswith("Exception")
        assert body["Message"]


@pytest.fixture(scope="module")
def port(sqlite_server):
    qldb = sqlite_server.client()
    qldb.create_ledger(Name="robust", PermissionsMode="ALLOW_ALL")
    qldb.close()
    return sqlite_server.port


@pytest.fixture(scope="module")
def session(port):
    return Session(port, "robust")


@SETTINGS
@given(body=st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_any_body_has_an_answer(port, body):
    check(send(port, body))


@SETTINGS
@given(command=st.sampled_from(COMMANDS), members=st.dictionaries(st.sampled_from(MEMBERS), anything), more=anything)
def test_any_command_has_an_answer(port, session, command, members, more):
    check(send(port, {"SessionToken": session.token, command: members}))
    check(send(port, {"SessionToken": more, command: more}))
    if command == "EndSession":
        session.renew()


@SETTINGS
@given(statement=st.text(), parameters=st.lists(values, max_size=2))
def test_any_statement_and_any_parameter_has_an_answer(port, session, statement, parameters):
    started = session.send("StartTransaction")
    if started.status != 200:
        session.renew()
        started = session.send("StartTransaction")
    transaction_id = started.json["StartTransaction"]["TransactionId"]
    members = {"TransactionId": transaction_id, "Parameters": parameters}
    check(session.send("ExecuteStatement", Statement=statement, **members))
    check(session.send("ExecuteStatement", Statement="SELECT VALUE [?, ?] FROM << 0 >>", **members))
    session.done("AbortTransaction")


def quoted(text):
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


WORDS = "ledgers tags robust digest journal-s3-exports permissions-mode ..".split()


@SETTINGS
@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"]),
    path=st.lists(st.sampled_from([*WORDS, "%2F", "%ff", "%"]) | st.text().map(quoted), max_size=4),
    query=st.sampled_from(["", "?max_results=%00", "?tagKeys=%FF", "?next_token=%F0%9F", "?" + "a&" * 300]),
    body=st.sampled_from([b"", b"{", b"{}", b'{"Name":"robust"}', b'{"Tags":{"a":{}}}', b'{"PermissionsMode":[]}']),
)
def test_any_operation_has_an_answer(port, method, path, query, body):
    check(request(port, method, f"/{'/'.join(path)}{query}", body))


STREAM_MEMBERS = {
    "StreamName": st.just("audit") | anything,
    "RoleArn": st.just("arn:aws:iam::000000000000:role/r") | anything,
    "InclusiveStartTime": st.just(0) | anything,
    "ExclusiveEndTime": anything,
    "Tags": anything,
    "KinesisConfiguration": st.fixed_dictionaries(
        {},
        optional={
            "StreamArn": st.just("arn:aws:kinesis:r:000000000000:stream/s") | anything,
            "AggregationEnabled": anything,
        },
    )
    | anything,
}


@SETTINGS
@given(members=st.fixed_dictionaries({}, optional=STREAM_MEMBERS), path=st.text(max_size=30).map(quoted))
def test_any_stream_has_an_answer(port, members, path):
    streams = "/ledgers/robust/journal-kinesis-streams"
    check(request(port, "POST", streams, json.dumps(members).encode()))
    for method in ("GET", "DELETE"):
        check(request(port, method, f"{streams}/{path}"))


HEADER_NAMES = st.sampled_from(["Content-Type", "X-Amz-Target", "Authorization", "X-Amz-Date", "Accept", "Expect"])


@SETTINGS
@given(headers=st.dictionaries(HEADER_NAMES, st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)))
def test_any_headers_have_an_answer(port, headers):
    check(request(port, "POST", "/", b"{}", {**HEADERS, **{name: value.strip() for name, value in headers.items()}}))


@settings(SETTINGS, max_examples=60)
@given(data=st.binary(min_size=1) | st.just(b"GET / HTTP/1.1\r\n\r\n") | st.just(b"POST / HTTP/1.1\r\nHost: a\r\n"))
def test_any_bytes_leave_the_server_serving(port, data):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    assert not received.startswith(b"HTTP/1.1 5")
    assert request(port, "GET", "/ledgers/robust").status == 200
