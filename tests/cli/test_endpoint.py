"""`query --endpoint`: over HTTP, to this project's server and to servers that refuse."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from botocore.loaders import Loader

from ledger.cli.main import main


@pytest.fixture
def server(folder):
    """This project's server on the ledger demo."""
    command = [sys.executable, "-m", "ledger", "serve", "--port", "0", "--data", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        yield running.stdout.readline().split()[-1]
        running.terminate()


class Refusing(BaseHTTPRequestHandler):
    """Answers everything with the error that the server object holds, and notes the headers."""

    def do_POST(self):
        self.server.seen.append(dict(self.headers))
        self.rfile.read(int(self.headers["Content-Length"]))
        status, name = self.server.error
        body = json.dumps({"__type": name, "Message": "you may not"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def refusing():
    with HTTPServer(("127.0.0.1", 0), Refusing) as listening:
        listening.seen, listening.error = [], (403, "AccessDeniedException")
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.fixture
def at_refusing(refusing):
    return ("--endpoint", f"http://127.0.0.1:{refusing.server_port}")


def test_statements_and_their_results_are_the_same_as_without_a_network(server, query):
    place = ("--endpoint", server)
    assert query("CREATE TABLE T; CREATE INDEX ON T (k)", place=place).code == 0
    assert query("INSERT INTO T ?", "a::{k:x::1.50,b:{{aGk=}}}", place=place).code == 0
    assert query("SELECT * FROM T", place=place) == query("SELECT * FROM T") == (0, "a::{k:x::1.50,b:{{aGk=}}}\n", "")
    assert query("begin; INSERT INTO T {'k': 2}; abort; SELECT COUNT(*) AS n FROM T", place=place).out[-6:] == "{n:1}\n"


def test_a_failing_statement_shows_its_place_and_the_next_ones_work(server, query):
    place = ("--endpoint", server)
    failed = query("SELECT FROM T", place=place)
    assert failed.code == 1
    assert (
        failed.err
        == "error: Unsupported PartiQL Statement, Errors at:\nline 1, column 8\n  SELECT FROM T\n         ^\n"
    )
    assert query("SELECT VALUE 1 FROM << 0 >>", place=place).code == 0


def test_many_pages_come_over_http(server, query):
    query("CREATE TABLE T; INSERT INTO T << {'n': 1}, {'n': 2}, {'n': 3}, {'n': 4} >>")
    rows = query("SELECT 1 FROM T AS a, T AS b, T AS c, T AS d", "--timing", place=("--endpoint", server))
    assert rows.out == "{_1:1}\n" * 256
    assert int(rows.err.split()[0]) > 0


def test_a_ledger_that_is_not_there_is_named(server, capsys):
    assert main(["query", "nope", "--endpoint", server, "SELECT 1"]) == 1
    assert "The ledger nope was not found" in capsys.readouterr().err


def test_nobody_listening_is_one_clear_line(query):
    outcome = query("SELECT 1", place=("--endpoint", "http://127.0.0.1:1"))
    assert outcome == (1, "", 'error: Could not connect to the endpoint URL: "http://127.0.0.1:1/"\n')


@pytest.mark.parametrize("url", ["127.0.0.1:8182", "ftp://127.0.0.1", "http://exa mple"])
def test_what_is_no_url_is_wrong_usage(query, url):
    outcome = query("SELECT 1", place=("--endpoint", url))
    assert outcome.code == 2
    assert outcome.err.startswith(f"error: --endpoint is {url!r}")


def test_a_boto3_without_the_model_says_what_to_install(query, monkeypatch):
    monkeypatch.setattr(Loader, "list_available_services", lambda *_, **__: ["dynamodb"])
    outcome = query("SELECT 1", place=("--endpoint", "http://127.0.0.1:1"))
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "pip install botocore-a-la-carte-qldb-session==" in outcome.err


def test_a_profile_that_is_not_there_is_wrong_usage(query, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    outcome = query("SELECT 1", place=("--endpoint", "http://127.0.0.1:1"))
    assert outcome.code == 2
    assert "nobody" in outcome.err


def test_a_refusal_is_told_by_its_name(query, at_refusing):
    outcome = query("SELECT 1", place=at_refusing)
    assert outcome == (1, "", "error: AccessDeniedException: you may not\n")


@pytest.mark.parametrize(
    "error", [(500, "InternalFailure"), (503, "RateExceededException"), (400, "OccConflictException")]
)
def test_what_may_help_is_tried_five_times(query, refusing, at_refusing, monkeypatch, error):
    monkeypatch.setattr("ledger.cli.shell.runner.time.sleep", lambda _: None)
    refusing.error = error
    assert query("SELECT 1", place=at_refusing).code == 1
    assert len(refusing.seen) == 5


def test_requests_are_signed_for_the_region_with_the_credentials_that_there_are(
    query, refusing, at_refusing, monkeypatch
):
    query("SELECT 1", place=at_refusing)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    query("SELECT 1", "--region", "eu-west-1", place=at_refusing)
    unsigned, signed = (seen.get("Authorization") for seen in refusing.seen)
    assert unsigned is None
    assert "AKIDEXAMPLE/" in signed
    assert "/eu-west-1/qldb/aws4_request" in signed
