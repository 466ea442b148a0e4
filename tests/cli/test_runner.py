"""Statements in transactions: conflicts, expiry, interruptions, and rows that come in many pages."""

import tracemalloc

import pytest

from ledger import errors, ion
from ledger.cli.shell.client import Client, Cost
from ledger.cli.shell.runner import IncompleteResultError, Runner, TransactionError
from ledger.cli.shell.statements import Control
from ledger.errors import BadRequestException, InvalidSessionException, OccConflictException, RateExceededException

CONFLICT = OccConflictException()
EXPIRED = InvalidSessionException("Transaction 8LHIxJxhEHT4Nqk1JzVfIk has expired")


class Faults:
    """A session API that fails when it is told to."""

    def __init__(self, send_command):
        self._send_command = send_command
        self.sent = []
        self._faults = {}

    def fail(self, command, *outcomes):
        """Let the next calls of a command have these outcomes: an exception, or None for none."""
        self._faults[command] = list(outcomes)

    def __call__(self, request):
        command = next(name for name in request if name != "SessionToken")
        self.sent.append(command)
        outcome = self._faults.get(command) and self._faults[command].pop(0)
        if outcome:
            raise outcome
        return self._send_command(request)


@pytest.fixture
def faults(send_command):
    return Faults(send_command)


@pytest.fixture
def runner(faults, monkeypatch):
    monkeypatch.setattr("ledger.cli.shell.runner.time.sleep", lambda _: None)
    runner = Runner(Client(faults, "demo"))
    run(runner, "CREATE TABLE T")
    yield runner
    runner.drop()


def run(runner, statement, *parameters):
    rows = []
    runner.run(statement, parameters, rows.extend)
    return [ion.text(row) for row in rows]


def fill(runner, count):
    for start in range(0, count, 40):
        documents = [{"n": number} for number in range(start, min(start + 40, count))]
        run(runner, f"INSERT INTO T <<{','.join('?' * len(documents))}>>", *documents)


def test_statements_of_their_own_are_committed_and_say_what_they_cost(runner):
    shown = []
    cost = runner.run("INSERT INTO T ?", [ion.parse("{n:1}")], shown.extend)
    assert len(shown) == 1
    assert cost.write_ios > 0
    assert run(runner, "SELECT VALUE n FROM T") == ["1"]


def test_a_conflict_is_run_again_and_its_rows_are_shown_once(runner, faults):
    faults.fail("CommitTransaction", CONFLICT, CONFLICT)
    assert len(run(runner, "INSERT INTO T {'n': 1}")) == 1
    assert run(runner, "SELECT VALUE n FROM T") == ["1"]


def test_a_conflict_every_time_is_an_error_after_five_attempts_and_shows_nothing(runner, faults):
    faults.fail("CommitTransaction", *[CONFLICT] * 9)
    shown = []
    with pytest.raises(OccConflictException):
        runner.run("INSERT INTO T {'n': 1}", (), shown.extend)
    assert shown == []
    assert faults.sent.count("ExecuteStatement") == 1 + 5


def test_a_busy_store_is_asked_again(runner, faults):
    faults.fail("ExecuteStatement", RateExceededException("Rate exceeded"))
    assert run(runner, "SELECT * FROM T") == []


@pytest.mark.parametrize("error", [BadRequestException("no"), EXPIRED, errors.LimitExceededException("no")])
def test_what_no_second_attempt_can_help_is_not_tried_again(runner, faults, error):
    faults.fail("ExecuteStatement", error)
    with pytest.raises(type(error)):
        run(runner, "SELECT * FROM T")
    assert faults.sent.count("ExecuteStatement") == 1 + 1


def test_a_session_that_the_ledger_dropped_is_replaced_without_a_word(runner, faults):
    faults.fail("StartTransaction", InvalidSessionException("No such session"))
    assert run(runner, "SELECT * FROM T") == []


def test_a_commit_whose_answer_is_lost_is_not_sent_again(runner, faults):
    faults.fail("CommitTransaction", ConnectionResetError("gone"))
    with pytest.raises(errors.TransactionOutcomeUnknownException, match="gone"):
        run(runner, "INSERT INTO T {'n': 1}")
    assert faults.sent.count("CommitTransaction") == 1 + 1


def test_rows_of_many_pages_are_shown_as_they_come_and_a_late_conflict_says_so(runner, faults):
    fill(runner, 240)
    pages = []
    faults.fail("CommitTransaction", CONFLICT)
    with pytest.raises(IncompleteResultError) as caught:
        runner.run("SELECT VALUE n FROM T", (), pages.append)
    assert [len(page) for page in pages] == [200, 40]
    assert isinstance(caught.value.__cause__, OccConflictException)


def test_an_expiry_while_rows_are_fetched_is_told_as_an_incomplete_result(runner, faults):
    fill(runner, 240)
    faults.fail("FetchPage", EXPIRED)
    with pytest.raises(IncompleteResultError, match="has expired"):
        run(runner, "SELECT VALUE n FROM T")
    assert run(runner, "SELECT COUNT(*) FROM T") == ["{_1:240}"]


def test_the_cost_of_a_result_counts_all_its_pages(runner):
    fill(runner, 240)
    first = runner.run("SELECT n FROM T WHERE n < 0", (), list)
    assert runner.run("SELECT n FROM T", (), list).read_ios == first.read_ios >= 240


def test_a_transaction_sees_its_own_writes_and_an_abort_forgets_them(runner):
    runner.control(Control.BEGIN)
    run(runner, "INSERT INTO T {'n': 1}")
    assert run(runner, "SELECT VALUE n FROM T") == ["1"]
    runner.control(Control.ABORT)
    assert run(runner, "SELECT VALUE n FROM T") == []


def test_a_commit_keeps_all_statements_and_closes_the_transaction(runner):
    runner.control(Control.BEGIN)
    run(runner, "INSERT INTO T {'n': 1}")
    run(runner, "INSERT INTO T {'n': 2}")
    assert runner.control(Control.COMMIT).write_ios > 0
    assert runner.transaction is None
    assert run(runner, "SELECT COUNT(*) FROM T") == ["{_1:2}"]


def test_a_statement_that_fails_leaves_the_transaction_open_with_what_it_did_before(runner):
    runner.control(Control.BEGIN)
    run(runner, "INSERT INTO T {'n': 1}")
    with pytest.raises(BadRequestException):
        run(runner, "SELECT nonsense")
    runner.control(Control.COMMIT)
    assert run(runner, "SELECT VALUE n FROM T") == ["1"]


def test_an_expired_transaction_is_open_no_longer_and_the_next_statement_works_at_once(runner, faults):
    runner.control(Control.BEGIN)
    faults.fail("ExecuteStatement", EXPIRED)
    with pytest.raises(InvalidSessionException):
        run(runner, "INSERT INTO T {'n': 1}")
    assert runner.transaction is None
    assert run(runner, "SELECT * FROM T") == []


@pytest.mark.parametrize("outcome", [CONFLICT, EXPIRED, ConnectionResetError("gone"), KeyboardInterrupt()])
def test_after_a_commit_that_failed_no_transaction_is_open_and_the_next_begins_at_once(runner, faults, outcome):
    runner.control(Control.BEGIN)
    faults.fail("CommitTransaction", outcome)
    with pytest.raises(errors.QldbError):
        runner.control(Control.COMMIT)
    assert runner.transaction is None
    runner.control(Control.BEGIN)
    assert faults.sent[-2:] == ["StartSession", "StartTransaction"]


def test_an_interrupted_statement_drops_its_transaction_for_half_of_it_may_stand_there(runner, faults):
    runner.control(Control.BEGIN)
    faults.fail("ExecuteStatement", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run(runner, "INSERT INTO T {'n': 1}")
    assert runner.transaction is None
    assert faults.sent[-1] == "EndSession"


def test_an_abort_that_is_interrupted_leaves_its_session_all_the_same_and_the_next_begins_at_once(runner, faults):
    runner.control(Control.BEGIN)
    faults.fail("EndSession", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        runner.control(Control.ABORT)
    runner.control(Control.BEGIN)
    assert faults.sent[-2:] == ["StartSession", "StartTransaction"]


def test_words_that_make_no_sense_now_are_refused(runner):
    for word in (Control.COMMIT, Control.ABORT):
        with pytest.raises(TransactionError, match="begin one first"):
            runner.control(word)
    runner.control(Control.BEGIN)
    with pytest.raises(TransactionError, match="open already"):
        runner.control(Control.BEGIN)


def test_a_result_larger_than_memory_is_never_held():
    pages, rows_in_page = 40, 20
    row = {"IonBinary": ion.dumps({"n": 1, "text": "x" * 10_000})}

    def send_command(request):
        name = next(name for name in request if name != "SessionToken")
        page = {"Values": [row] * rows_in_page}
        number = int(request.get("FetchPage", {}).get("NextPageToken", 1))
        if number < pages:
            page["NextPageToken"] = str(number + 1)
        answers = {
            "StartSession": {"SessionToken": "token"},
            "StartTransaction": {"TransactionId": "8LHIxJxhEHT4Nqk1JzVfIk"},
            "ExecuteStatement": {"FirstPage": page},
            "FetchPage": {"Page": page},
        }
        return {name: answers.get(name, {})}

    count = 0

    def show(rows):
        nonlocal count
        count += len(rows)

    runner = Runner(Client(send_command, "demo"))
    runner.run("SELECT 1 FROM T", (), lambda rows: None)
    tracemalloc.start()
    try:
        assert runner.run("SELECT * FROM T", (), show) == Cost()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == pages * rows_in_page
    assert peak < 1_500_000 < pages * rows_in_page * 10_000 / 5
