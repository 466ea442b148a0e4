"""The server as a process: how it starts, what it refuses to start with, how it ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest
from pyqldb.driver.qldb_driver import QldbDriver

from tests.server.processes import command, refuses_connections, running, start, wait_until
from tests.server.wire import HEADERS, Session, request


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "data")


def refused(*arguments, environment=None):
    """Exit code and error lines of a server that does not start."""
    options = {"capture_output": True, "text": True, "timeout": 60, "env": environment}
    ended = subprocess.run(command(*arguments), check=False, **options)
    assert ended.stdout == ""
    return ended.returncode, ended.stderr.splitlines()


def test_it_starts_in_a_moment(folder, record_property):
    began = time.perf_counter()
    with running("--data", folder) as server:
        seconds = time.perf_counter() - began
        assert request(server.port, "GET", "/ledgers").json == {"Ledgers": []}
    record_property("start_up_seconds", round(seconds, 3))


def test_the_port_is_8182_and_the_address_loopback_unless_said_otherwise():
    shown = subprocess.run(command("--help"), capture_output=True, text=True, check=True, timeout=60).stdout
    assert "(default: 8182)" in shown
    assert "(default: 127.0.0.1)" in shown


def test_a_port_in_use_is_one_clear_line(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, lines = refused("--data", folder, "--port", port)
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith(f"error: cannot listen on 127.0.0.1 port {port}: ")


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_there_is_not_is_one_clear_line(folder, port):
    code, lines = refused("--data", folder, "--port", port)
    assert (code, len(lines)) == (1, 1)


def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()
    code, lines = refused("--data", str(tmp_path / "file"))
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith(f"error: {tmp_path / 'file'}: ")


def test_a_folder_that_another_server_has_is_refused(folder):
    with running("--data", folder):
        code, lines = refused("--data", folder, "--port", "0")
    assert (code, len(lines)) == (1, 1)
    assert "another server has this folder" in lines[0]


def test_a_table_that_is_not_there_is_one_clear_line(cloud):
    code, lines = refused("--store", "dynamodb://nothing", "--port", "0", environment=cloud.environment())
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("error: ")


@pytest.mark.parametrize("region", [{}, {"AWS_DEFAULT_REGION": "us-east-1"}])
def test_a_table_without_region_or_credentials_is_one_clear_line(region):
    environment = {**os.environ, **region}
    code, lines = refused("--store", "dynamodb://nothing", "--port", "0", environment=environment)
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("error: ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.com"])
def test_an_address_open_to_others_needs_credentials(folder, host):
    code, lines = refused("--data", folder, "--host", host)
    assert (code, lines) == (2, [f"error: --host {host} is open to others: give --credentials FILE as well"])


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--data", "a", "--store", "dynamodb://t"],
        ["--store", "postgres://t"],
        ["--data", "a", "--limit", "nothing=1"],
        ["--data", "a", "--limit", "sessions=none"],
        ["--data", "a", "--limit", "sessions=0"],
    ],
)
def test_wrong_usage_has_an_exit_code_of_its_own(arguments):
    assert refused(*arguments)[0] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_is_under_way_finish(folder, number):
    server = start("--data", folder)
    body = json.dumps({"Name": "demo", "PermissionsMode": "ALLOW_ALL"}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", "/ledgers")
    connection.putheader("Content-Length", str(len(body)))
    connection.putheader("Expect", "100-continue")
    connection.endheaders()
    assert connection.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # the request is under way
    connection.send(body[:10])
    server.process.send_signal(number)
    wait_until(lambda: refuses_connections(server.port))
    connection.send(body[10:])
    assert connection.getresponse().status == 200
    connection.close()
    assert server.process.communicate(timeout=60) == ("", "")
    assert server.process.returncode == 0
    with running("--data", folder) as again:
        assert [ledger["Name"] for ledger in request(again.port, "GET", "/ledgers").json["Ledgers"]] == ["demo"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_at_once_after_the_start_is_no_failure(folder, number):
    server = start("--data", folder)
    assert server.stop(number) == 0
    assert server.process.communicate() == ("", "")


def test_a_signal_under_load_loses_nothing_that_was_acknowledged(folder):
    server = start("--data", folder)
    prepare(server)
    acknowledged, stop = [], threading.Event()

    def insert(worker):
        session = Session(server.port, "demo")
        number = 0
        while not stop.is_set():
            session.begin()
            session.execute("INSERT INTO T ?", {"worker": worker, "number": number})
            if session.commit().status == 200:
                acknowledged.append((worker, number))
            number += 1

    def insert_until_it_ends(worker):
        try:
            insert(worker)
        except (OSError, http.client.HTTPException):
            stop.set()

    workers = [threading.Thread(target=insert_until_it_ends, args=(worker,)) for worker in range(3)]
    for worker in workers:
        worker.start()
    wait_until(lambda: len(acknowledged) > 10)
    assert server.stop() == 0
    stop.set()
    for worker in workers:
        worker.join()
    server.process.communicate()
    with running("--data", folder) as again, driver(again) as reader:
        rows = reader.execute_lambda(lambda txn: list(txn.execute_statement("SELECT worker, number FROM T")))
    assert {(int(row["worker"]), int(row["number"])) for row in rows} >= set(acknowledged)


@pytest.fixture
def port():
    """A port that only who names it can have."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield str(held.getsockname()[1])


def test_a_driver_goes_on_when_its_server_was_started_anew(folder, port):
    with running("--data", folder, "--port", port) as server:
        prepare(server)
        kept = driver(server)
        assert list(kept.list_tables()) == ["T"]
    with running("--data", folder, "--port", port):
        assert list(kept.list_tables()) == ["T"]
        kept.close()


@pytest.fixture
def prepared(folder):
    """A folder with the ledger `demo`, which a server without hurry has made."""
    with running("--data", folder) as server:
        prepare(server)
    return folder


def test_a_transaction_expires_in_qldbs_words_and_its_session_goes_on(prepared):
    with running("--data", prepared, "--limit", "transaction_seconds=0.1") as server:
        session = Session(server.port, "demo")
        for _ in range(2):
            transaction_id = session.begin()
            time.sleep(0.2)
            expired = session.execute("SELECT * FROM T")
            assert expired.error == (400, "InvalidSessionException", f"Transaction {transaction_id} has expired")


def test_a_session_expires_in_qldbs_words(prepared):
    with running("--data", prepared, "--limit", "session_seconds=0.1") as server:
        session = Session(server.port, "demo")
        time.sleep(0.2)
        ended = session.started.headers["x-amzn-requestid"]
        expired = (400, "InvalidSessionException", f"Session {ended} has expired")
        assert session.send("StartTransaction").error == expired
        assert session.send("StartTransaction").error == (400, "InvalidSessionException", "No such session")


def test_a_statement_without_end_ends_with_its_transaction(prepared):
    with running("--data", prepared, "--limit", "transaction_seconds=1") as server:
        session = Session(server.port, "demo")
        session.begin()
        many = ", ".join("<<1,2,3,4,5,6,7,8,9>> AS " + name for name in "abcdefghijkl")
        refusal = session.execute(f"SELECT COUNT(*) FROM {many}")
        assert refusal.error == (400, "InvalidSessionException", f"Transaction {session.transaction_id} has expired")


def test_sessions_and_ledgers_have_their_limits(folder):
    with running("--data", folder, "--limit", "sessions=1", "--limit", "active_ledgers=2") as server:
        prepare(server)
        Session(server.port, "demo")
        body = json.dumps({"StartSession": {"LedgerName": "demo"}}).encode()
        refusal = request(server.port, "POST", "/", body, HEADERS)
        assert refusal.error == (503, "LimitExceededException", "Exceeded the session limit")
        qldb = server.client()
        qldb.create_ledger(Name="other", PermissionsMode="ALLOW_ALL")
        with pytest.raises(qldb.exceptions.LimitExceededException, match="limit of 2 active ledgers") as raised:
            qldb.create_ledger(Name="third", PermissionsMode="ALLOW_ALL")
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert raised.value.response["ResourceType"] == "Ledger"
        qldb.close()


def test_many_connections_are_served_at_once(folder):
    with running("--data", folder) as server:
        prepare(server)
        connections = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(200)]
        for connection in connections:
            connection.connect()
        for connection in connections:
            connection.request("GET", "/ledgers/demo")
        assert {connection.getresponse().status for connection in connections} == {200}
        for connection in connections:
            connection.close()


def test_a_connection_serves_many_requests_and_slow_ones_do_not_hold_up_others(folder):
    with running("--data", folder) as server:
        prepare(server)
        idle = socket.create_connection(("127.0.0.1", server.port))
        idle.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(20):
            connection.request("GET", "/ledgers/demo")
            assert connection.getresponse().read()
        connection.close()
        # Whoever leaves in the middle of a body is no trouble either.
        idle.close()


def test_each_request_is_logged_on_demand_without_what_is_private(folder):
    server = start("--data", folder, "--verbose")
    prepare(server)
    session = Session(server.port, "demo")
    session.begin()
    session.execute("INSERT INTO T ?", {"secret": "confidential"})
    found = request(server.port, "GET", "/ledgers/none?next_token=private", headers={"X-Amz-Target": "a\tb"})
    server.process.send_signal(signal.SIGTERM)
    _, log = server.process.communicate(timeout=60)
    assert "GET /ledgers/none 404 " in log
    assert found.headers["x-amzn-requestid"] in log
    assert log.count("POST QLDBSession.SendCommand 200") >= 3
    for private in ("confidential", "INSERT", "private", session.token, "demo"):
        assert private not in log.replace("/ledgers/demo", "")


def prepare(server) -> None:
    """Make the ledger `demo` with a table T."""
    qldb = server.client()
    qldb.create_ledger(Name="demo", PermissionsMode="ALLOW_ALL")
    qldb.close()
    session = Session(server.port, "demo")
    session.begin()
    session.execute("CREATE TABLE T")
    assert session.commit().status == 200
    session.done("EndSession")


def driver(server) -> QldbDriver:
    return QldbDriver("demo", boto3_session=server.session(), endpoint_url=server.url)
