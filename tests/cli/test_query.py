"""`query` without a terminal: statements from the command line, files and pipes, formats and exit codes."""

import functools
import itertools
import json

import pytest

from ledger.cli.main import main
from ledger.session.service import SessionService


def test_the_default_in_a_pipe_is_ion_with_a_row_a_line(query):
    assert query("CREATE TABLE T; INSERT INTO T ?").code == 1
    assert query("INSERT INTO T ?", "{a:x::1.50}").code == 0
    assert query("SELECT * FROM T") == (0, "{a:x::1.50}\n", "")


def test_json_is_one_value_a_line(query):
    query("CREATE TABLE T; INSERT INTO T << {'a': 1.10, 'b': `2020T`}, {'a': `{{aGk=}}`} >>")
    out = query("SELECT * FROM T", "--format", "json").out
    assert sorted(out.splitlines()) == ['{"a":"aGk="}', '{"a":1.10,"b":"2020T"}']


def test_a_table_tells_the_number_of_rows(query):
    assert query("--format", "table", "SELECT VALUE 1 FROM << 0 >>").out == " value\n-------\n     1\n(1 row)\n"
    assert query("--format", "table", "SELECT VALUE 1 FROM << >>").out == "(0 rows)\n"


def test_pretty_ion_is_the_rows_in_several_lines(query):
    out = query("--format", "ion-pretty", "SELECT ? AS a FROM << 0 >>", f'"{"x" * 120}"').out
    assert out == f'{{\n  a: "{"x" * 120}"\n}}\n'


@pytest.mark.parametrize("arguments", [["-"], []])
def test_statements_come_from_standard_input(query, arguments):
    outcome = query(*arguments, stdin="CREATE TABLE T;\n\nINSERT INTO T\n  {'a': ';'};\nSELECT * FROM T")
    assert outcome.code == 0
    assert outcome.out.splitlines()[-1] == '{a:";"}'


def test_statements_come_from_a_file(query, tmp_path):
    file = tmp_path / "statements.sql"
    file.write_text(
        "\ufeffCREATE TABLE T; -- a table;\nINSERT INTO T {'a': 'é'}; SELECT VALUE a FROM T;", encoding="utf-8"
    )
    assert query("-f", str(file)).out.splitlines()[-1] == '"é"'


def test_nothing_on_standard_input_is_nothing_to_do(query):
    assert query() == (0, "", "")


def test_the_first_failure_stops_and_names_line_and_place(query):
    outcome = query(stdin="CREATE TABLE T;\nINSERT INTO T {'a': 1};\nSELECT *\n  FRM T;\nDELETE FROM T;")
    assert outcome.code == 1
    assert outcome.err.startswith("error: in the statement on line 3: Unsupported PartiQL Statement")
    assert "\n    FRM T\n    ^\n" in outcome.err
    assert query("SELECT * FROM T").out == "{a:1}\n"


def test_each_statement_is_a_transaction_of_its_own_unless_begun(query):
    query("CREATE TABLE T; INSERT INTO T {'a': 1}; BEGIN; INSERT INTO T {'a': 2}; ABORT; INSERT INTO T {'a': 3}")
    assert sorted(query("SELECT VALUE a FROM T").out) == ["\n", "\n", "1", "3"]


def test_a_failure_between_begin_and_commit_commits_nothing(query):
    query("CREATE TABLE T")
    assert query("start transaction; INSERT INTO T {'a': 1}; nonsense; COMMIT").code == 1
    assert query("SELECT * FROM T").out == ""


def test_a_transaction_without_its_commit_is_an_error_and_leaves_nothing(query):
    query("CREATE TABLE T")
    outcome = query("BEGIN; INSERT INTO T {'a': 1}")
    assert outcome.code == 1
    assert outcome.err == "error: the transaction was still open at the end and was aborted: add COMMIT\n"
    assert query("SELECT * FROM T").out == ""


def test_all_statements_in_one_transaction_are_committed_together_or_not_at_all(query):
    query("CREATE TABLE T")
    assert query("--transaction", "INSERT INTO T {'a': 1}; nonsense").code == 1
    assert query("SELECT * FROM T").out == ""
    assert query("--transaction", stdin="INSERT INTO T {'a': 1}; INSERT INTO T {'a': 2}").code == 0
    assert query("SELECT COUNT(*) AS n FROM T").out == "{n:2}\n"


def test_the_cost_goes_to_standard_error_and_shows_that_an_index_is_used(query):
    query("CREATE TABLE T; CREATE INDEX ON T (k)")
    for start in (0, 40):
        documents = ", ".join(f"{{'k': {number}}}" for number in range(start, start + 40))
        query(f"INSERT INTO T << {documents} >>")
    found, scanned = (query("--timing", f"SELECT * FROM T WHERE {by} = 7") for by in ("k", "k + 0"))
    assert found.out == scanned.out == "{k:7}\n"
    assert int(found.err.split()[0]) < 10
    assert int(scanned.err.split()[0]) >= 80


@pytest.mark.parametrize(
    ("arguments", "expected"), [(["-15"], "-15"), (["-1.5"], "-1.5"), (["+inf"], "+inf"), (["--", "-1d5"], "-1d+5")]
)
def test_negative_numbers_can_be_parameters(query, arguments, expected):
    assert query("SELECT VALUE ? FROM << 0 >>", *arguments).out == f"{expected}\n"


def test_options_may_stand_before_between_and_after_the_rest(query):
    expected = '["a",1]\n'
    words = ["SELECT VALUE [?, ?] FROM << 0 >>", '"a"', "1"]
    for place in range(4):
        assert query(*words[:place], "--format", "json", *words[place:]).out == expected


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["SELECT VALUE ? FROM T; SELECT 1", "1"], "parameters are for one statement, got 2"),
        (["", "1"], "parameters are for one statement, got 0"),
        (["SELECT VALUE [?, ?] FROM << 0 >>", "1", "{a:"], "parameter 2 is '{a:', which is not readable as Ion"),
        (["-", "1"], "parameters are for a STATEMENT on the command line"),
        (["SELECT 1", "-f", "x"], "give a STATEMENT or --file, not both"),
        (["-f", "/no/such/file"], "cannot read --file /no/such/file: No such file or directory"),
        (["SELECT 1", "--region", "eu-west-1"], "--region goes with --endpoint"),
    ],
)
def test_arguments_that_do_not_fit_together_are_wrong_usage(query, arguments, complaint):
    code, out, err = query(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err


@pytest.mark.parametrize(
    "arguments", [["--format", "xml", "SELECT 1"], ["--nonsense", "SELECT 1"], ["--endpoint", "x"]]
)
def test_unknown_options_are_wrong_usage(query, arguments):
    with pytest.raises(SystemExit) as caught:
        query(*arguments)
    assert caught.value.code == 2


def test_without_a_ledger_or_a_place_the_usage_says_which_is_missing(capsys):
    for arguments, missing in (
        (["--data", "x"], "required: LEDGER\n"),
        (["demo", "SELECT 1"], "--data --store --endpoint"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(["query", *arguments])
        assert caught.value.code == 2
        assert missing in capsys.readouterr().err


def test_a_result_that_takes_hours_to_read_is_read_to_its_end(query, monkeypatch):
    hours = functools.partial(SessionService, seconds=itertools.count(step=3600).__next__)
    monkeypatch.setattr("ledger.cli.shell.start.SessionService", hours)
    query("CREATE TABLE T; INSERT INTO T << {'n': 1}, {'n': 2}, {'n': 3}, {'n': 4} >>")
    assert query("SELECT 1 FROM T AS a, T AS b, T AS c, T AS d") == (0, "{_1:1}\n" * 256, "")


def test_what_a_statement_leaves_to_be_done_is_done_when_the_command_ends(query):
    documents = ", ".join(f"{{'k': {number}}}" for number in range(40))
    query("CREATE TABLE T; " + "; ".join([f"INSERT INTO T << {documents} >>"] * 5))
    assert query("CREATE INDEX ON T (k)").err == ""
    assert query("SELECT VALUE t.indexes[0].status FROM information_schema.user_tables AS t").out == '"ONLINE"\n'
    query("CREATE TABLE R; INSERT INTO R {'name': 'Ana'}; UPDATE R SET name = 'Eve'")
    first = "FROM history(R) AS h WHERE h.metadata.version = 0"
    place, document = query(f"SELECT VALUE h.blockAddress {first}; SELECT VALUE h.metadata.id {first}").out.splitlines()
    table = query("SELECT VALUE tableId FROM information_schema.user_tables WHERE name = 'R'").out.strip()
    assert query("EXEC REDACT_REVISION ?, ?, ?", place, table, document).err == ""
    assert "Ana" not in query("SELECT * FROM history(R)").out


def test_extensions_are_taken_only_when_asked_for(query):
    statement = "SELECT VALUE n FROM << 2, 3, 1 >> AS n ORDER BY n LIMIT 2"
    assert query(statement).code == 1
    assert query(statement, "--extensions") == (0, "1\n2\n", "")
    assert query(statement, "--extensions", place=("--endpoint", "http://127.0.0.1:1")).code == 2


def test_a_file_that_is_not_utf8_is_refused(query, tmp_path):
    file = tmp_path / "latin1.sql"
    file.write_bytes(b"SELECT '\xe9' FROM T")
    code, out, err = query("-f", str(file))
    assert (code, out) == (1, "")
    assert "utf-8" in err


def test_json_of_many_pages_is_whole(query):
    query("CREATE TABLE T; INSERT INTO T << {'n': 1}, {'n': 2}, {'n': 3}, {'n': 4} >>")
    statement = "SELECT a.n AS a, b.n AS b, c.n AS c, d.n AS d FROM T AS a, T AS b, T AS c, T AS d, T AS e"
    rows = [json.loads(line) for line in query(statement, "--format", "json").out.splitlines()]
    assert len(rows) == 4**5
    assert rows[0].keys() == {"a", "b", "c", "d"}
