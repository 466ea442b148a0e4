"""The shell as a person meets it: on a real pseudo-terminal."""

import re
import sys

import pytest

from tests.cli.terminal import CTRL_C, CTRL_D, ENTER, TAB, UP, Terminal


@pytest.fixture
def opened(folder, tmp_path):
    terminals = []

    def start(*arguments, **environment):
        command = [sys.executable, "-m", "ledger", "query", "demo", "--data", str(folder), *arguments]
        terminal = Terminal(command, XDG_STATE_HOME=str(tmp_path / "state"), **environment)
        terminals.append(terminal)
        return terminal

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def shell(opened):
    terminal = opened()
    terminal.wait_for("demo>")
    return terminal


def test_a_session_from_the_first_table_to_leaving(shell):
    shell.line("CREATE TABLE Person;", "(1 row)")
    shell.line("INSERT INTO Person {'Name': 'Zoë', 'n': 1.50};", "(1 row)")
    shell.line("SELECT *", "->")
    shown = shell.line("FROM Person;", "(1 row)")
    assert " Name | n\n------+------\n Zoë  | 1.50\n" in shown
    shell.line("quit", "")
    assert shell.leave() == 0


def test_an_empty_line_ends_a_statement_too(shell):
    shell.line("SELECT VALUE 42 FROM << 0 >>", "->")
    assert "    42\n" in shell.line("", "(1 row)")


def test_an_error_points_at_the_column_and_the_shell_goes_on(shell):
    shown = shell.line("SELECT FROM T;", "hint:")
    assert "error: Unsupported PartiQL Statement, Errors at:\nline 1, column 8\n  SELECT FROM T\n         ^\n" in shown
    shell.line("SELECT VALUE 42 FROM << 0 >>;", "(1 row)")


def test_ctrl_c_forgets_what_was_typed_and_ctrl_d_leaves(shell):
    shell.line("SELECT nonsense", "->")
    shell.type(CTRL_C)
    shell.wait_for("demo>")
    shell.line("SELECT VALUE 42 FROM << 0 >>;", "(1 row)")
    shell.wait_for("demo>")
    shell.type(CTRL_D)
    assert shell.leave() == 0


def test_an_open_transaction_is_shown_survives_a_failing_statement_and_is_committed(shell, query):
    shell.line("CREATE TABLE T;", "(1 row)")
    shell.line("start transaction", "demo *>")
    shell.line("INSERT INTO T {'a': 1};", "(1 row)")
    shell.line("nonsense;", "error:")
    shell.wait_for("demo *>")
    shell.wait_for(" s; commit or abort")
    assert query("SELECT * FROM T").out == ""
    shell.line("commit", "committed")
    shell.wait_for("demo>")
    assert query("SELECT * FROM T").out == "{a:1}\n"


def test_a_conflict_is_told_and_the_shell_is_ready_again_at_once(shell, query):
    query("CREATE TABLE T")
    shell.line("begin", "demo *>")
    shell.line("SELECT * FROM T;", "(0 rows)")
    shell.line("INSERT INTO T {'a': 1};", "(1 row)")
    query("INSERT INTO T {'a': 2}")
    shell.line("commit;", "hint: another transaction changed what this one read; nothing of it was committed")
    shell.wait_for("demo>")
    shell.line("SELECT COUNT(*) AS n FROM T;", "(1 row)")
    shell.line("begin", "demo *>")


def test_leaving_with_an_open_transaction_drops_it_and_says_so(shell, query):
    query("CREATE TABLE T")
    shell.line("begin", "demo *>")
    shell.line("INSERT INTO T {'a': 1};", "(1 row)")
    shell.wait_for("demo *>")
    shell.type(CTRL_D)
    shell.wait_for("the open transaction was aborted")
    assert shell.leave() == 0
    assert query("SELECT * FROM T").out == ""


def test_ctrl_c_stops_a_running_statement_and_drops_its_transaction(shell, query):
    documents = ", ".join(["{'n': 1}"] * 40)
    query(f"CREATE TABLE T; INSERT INTO T << {documents} >>")
    shell.line("begin", "demo *>")
    shell.line("SELECT 'row' FROM T AS a, T AS b, T AS c, T AS d, T AS e;", " row\n")
    shell.type(CTRL_C)
    shell.wait_for("cancelled")
    shell.wait_for("the transaction is no longer open")
    shell.wait_for("demo>")
    shell.line("SELECT VALUE 42 FROM << 0 >>;", "(1 row)")


def test_parameters_are_asked_for_until_they_are_ion(shell):
    shell.line("SELECT VALUE [?, ?] FROM << 0 >>;", "? 1 =")
    shell.line("{a:", "error: not readable as Ion")
    shell.wait_for("? 1 =")
    shell.line('"a"', "? 2 =")
    assert '["a",1.50]' in shell.line("1.50", "(1 row)")


def test_tab_completes_a_table(shell):
    shell.line("CREATE TABLE Beverage;", "(1 row)")
    shell.wait_for("demo>")
    shell.type("SELECT COUNT(*) FROM Bev" + TAB)
    shell.wait_for("erage")
    shell.line(";", "(1 row)")


def test_commands_change_format_and_timing_and_list_tables(shell):
    shell.line("tables", "no tables; CREATE TABLE makes one")
    shell.line("CREATE TABLE Person;", "(1 row)")
    shell.line("show tables", "\n Person |\n")
    shell.line("format json", "demo>")
    shell.line("SELECT 1 AS a FROM << 0 >>;", '\n{"a":1}\n0 read IOs')
    shell.line("timing off", "demo>")
    shell.line("SELECT 2 AS a FROM << 0 >>;", '\n{"a":2}\n')
    assert "IOs" not in shell.line("timing", "timing is off")
    shell.line("format xml", "error: no such command: format xml")
    shell.line("help", "Ctrl-C cancels.")


def test_the_history_is_private_and_leaves_out_what_begins_with_a_space(opened, tmp_path):
    first = opened()
    first.wait_for("demo>")
    first.line("SELECT VALUE 42 FROM << 0 >>;", "(1 row)")
    first.wait_for("demo>")
    first.line(" SELECT VALUE 'secret' FROM << 0 >>;", "(1 row)")
    first.line("SELECT VALUE ? FROM << 0 >>;", "? 1 =")
    first.line("'a secret too'", "(1 row)")
    first.line("quit", "")
    first.leave()
    (file,) = (tmp_path / "state").rglob("*history*")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "VALUE 42" in file.read_text()
    assert "secret" not in file.read_text()
    second = opened()
    second.wait_for("demo>")
    second.type(UP + UP + UP)
    second.wait_for("VALUE 42")
    second.type(ENTER)
    second.wait_for("(1 row)")


def test_no_history_is_kept_if_that_is_wanted(opened, tmp_path):
    shell = opened("--no-history")
    shell.wait_for("demo>")
    shell.line("SELECT VALUE 42 FROM << 0 >>;", "(1 row)")
    shell.line("quit", "")
    shell.leave()
    assert not (tmp_path / "state").exists()


def test_colours_are_there_unless_nobody_wants_them(opened):
    raw = []
    for environment in ({}, {"NO_COLOR": "1"}):
        shell = opened(**environment)
        shell.wait_for("demo>")
        shell.line("SELECT VALUE 'a' FROM << 0 >>;", "(1 row)")
        shell.line("quit", "")
        shell.leave()
        raw.append(shell.raw)
    coloured, plain = (re.findall(r"\x1b\[[0-9;]*3[1-7]m", text) for text in raw)
    assert coloured
    assert not plain


def test_one_statement_on_a_terminal_gives_a_table(opened):
    terminal = opened("SELECT VALUE 42 FROM << 0 >>")
    assert terminal.leave() == 0
    assert terminal.raw == " value\r\n-------\r\n    42\r\n(1 row)\r\n"


def test_a_wide_row_on_a_terminal_has_one_field_a_line(opened):
    terminal = opened("SELECT ? AS long, 1 AS b FROM << 0 >>", f'"{"x" * 98}"')
    assert terminal.leave() == 0
    assert "long | xxx" in terminal.shown


def test_a_shell_on_a_ledger_that_is_not_there_ends_with_a_clear_error(tmp_path):
    terminal = Terminal([sys.executable, "-m", "ledger", "query", "nope", "--data", str(tmp_path)])
    try:
        assert terminal.leave() == 1
        assert "error: no ledger 'nope'" in terminal.shown
    finally:
        terminal.close()
