"""The command line: what it prints, and the exit codes that scripts rely on."""

import json
import subprocess
import sys

import pytest

from ledger.cli.main import main


@pytest.fixture
def run(tmp_path, capsys):
    def command(name, *arguments, ledger="demo"):
        code = main([name, ledger, "--data", str(tmp_path / "data"), *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def test_a_ledger_is_created_queried_and_checked(run):
    assert run("create")[0] == 0
    assert run("query", "CREATE TABLE Person")[0] == 0
    assert run("query", "INSERT INTO Person ?", '{Name: "Ann", Born: 1980-02-29}')[0] == 0
    assert run("query", "SELECT * FROM Person") == (0, '{Name:"Ann",Born:1980-02-29T}\n', "")
    assert run("fsck") == (0, "ledger demo: journal, documents, history and indexes agree\n", "")


def test_creating_twice_keeps_what_is_there(run):
    first = run("create")
    run("query", "CREATE TABLE Person")
    assert run("create") == first
    assert run("query", "SELECT VALUE name FROM information_schema.user_tables")[1] == '"Person"\n'


def test_a_ledger_is_described_as_json_for_scripts(run):
    made = json.loads(run("create", "--strands", "2", "--json")[1])
    assert made["ledger"] == "demo"
    assert len(made["strands"]) == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["query", "SELECT FROM"], "error: Unsupported PartiQL Statement, Errors at:\nline 1, column 8\n"),
        (["create", "--strands", "99"], "error: strands is 99: give 1 to 32\n"),
    ],
)
def test_what_cannot_be_done_is_one_clear_error(run, arguments, complaint):
    run("create")
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert err.startswith(complaint)


def test_a_ledger_that_is_not_there_is_named_with_what_to_do(run):
    code, _, err = run("query", "SELECT * FROM T", ledger="other")
    assert code == 1
    assert err.startswith("error: no ledger 'other' in ")
    assert "python -m ledger create" in err


def test_a_place_that_is_no_table_is_wrong_usage(capsys):
    assert main(["fsck", "demo", "--store", "postgres://x"]) == 2
    assert "it must be dynamodb://TABLE" in capsys.readouterr().err


def test_help_lists_every_command():
    shown = subprocess.run(
        [sys.executable, "-m", "ledger", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(f"    {command}" in shown for command in ("create", "query", "fsck"))
