"""The deployed auditor: what it answers, what it measures, how it goes on, and what it says of a finding."""

import pytest

from lambdas.evidence import auditor as function
from lambdas.evidence.auditor import MARGIN_SECONDS, Connections, connections, handler
from lambdas.evidence.settings import AuditSettings, EvidenceSettings
from ledger.audit import budget as budgets
from ledger.audit.auditor import Auditor
from ledger.audit.budget import Budget
from ledger.settings import SETTINGS_KEY
from tests.evidence.functions import Context, log_of
from tests.evidence.test_settings import ENVIRONMENT
from tests.ledger.test_audit import cells, overwrite


@pytest.fixture
def auditor(watched):
    return Auditor(watched.store, "demo", watched.archive, watched.keys, watched.files)


@pytest.fixture(autouse=True)
def deployed(auditor, monkeypatch):
    """The handler, connected to the ledger, its archive and the auditor's files."""
    monkeypatch.setattr(function, "connections", lambda: Connections(auditor, 120))
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "wallet")


@pytest.fixture
def log(capsys):
    with log_of(function.logger, capsys) as log:
        yield log


def lose_a_pointer(watched):
    pointer = cells(watched.client, "history/")[0]
    overwrite(watched.client, pointer, None)
    return pointer.partition.partition("/")[2]


def test_a_sound_ledger_is_audited_to_its_end(watched, log):
    watched.add(3)
    answer = handler({}, Context())
    assert (answer["finished"], answer["findings"]) == (True, 0)
    values = log.metrics()
    assert log.entries() == []
    assert values["AuditFindings"] == ([0], "Count")
    assert values["AuditedBlocks"] == ([answer["blocks"]], "Count")
    assert values["AuditAge"] == ([0], "Seconds")
    [age], unit = values["DigestAge"]
    assert (unit, age > 0) == ("Seconds", True), "three blocks wait for a digest"


def test_a_finding_is_no_error_but_counted_and_logged_by_its_place_alone(watched, log):
    document_id = lose_a_pointer(watched)
    assert handler({}, Context())["findings"] == 1
    [logged] = log.entries()
    assert log.metrics()["AuditFindings"] == ([1], "Count")
    assert (logged["level"], logged["message"]) == ("ERROR", "audit finding")
    assert (logged["where"], logged["since"]["number"]) == (f"document {document_id}", 1)
    assert "what" not in logged, "it may quote what somebody wrote into the table"


def test_of_many_findings_the_first_twenty_are_logged(watched, log):
    watched.add(25)
    handler({}, Context())
    log.metrics()
    for key in cells(watched.client, "history/"):
        overwrite(watched.client, key, None)
    count = handler({}, Context())["findings"]
    assert log.metrics()["AuditFindings"] == ([count], "Count")
    assert (count > 25, len(log.entries())) == (True, 20)


def test_a_ledger_that_is_gone_claims_no_age_so_that_silence_rings(watched, log):
    overwrite(watched.client, SETTINGS_KEY, None)
    assert handler({}, Context()) == {"finished": False, "blocks": 0, "findings": 1}
    assert log.metrics().keys() == {"AuditFindings", "AuditedBlocks"}


@pytest.mark.parametrize(
    ("event", "anew"), [({"anew": True}, True), ({"anew": 1}, False), ({}, False), (None, False), ([], False)]
)
def test_only_an_event_that_says_so_makes_it_forget_what_it_knows(auditor, monkeypatch, event, anew):
    asked, real = [], Auditor.run
    monkeypatch.setattr(Auditor, "run", lambda *given, **options: asked.append(options) or real(*given, **options))
    handler(event, Context())
    assert asked == [{"anew": anew}]


def test_a_minute_is_left_to_keep_what_it_learned(auditor, monkeypatch):
    asked, real = [], Auditor.run
    monkeypatch.setattr(Auditor, "run", lambda *given, **options: asked.append(given[1]) or real(*given, **options))
    handler({}, Context(seconds=900))
    assert asked == [Budget(900 - MARGIN_SECONDS, 120)]


def test_calls_that_are_too_short_go_on_where_the_one_before_stopped(watched):
    watched.add(10)
    answers = [handler({}, Context(seconds=MARGIN_SECONDS))]
    while not answers[-1]["finished"]:
        answers.append(handler({}, Context(seconds=MARGIN_SECONDS)))
        assert len(answers) < 500
    assert len(answers) > 10
    assert watched.said() == []


def test_the_time_that_fetching_takes_is_left_for_keeping_as_well(watched, auditor, monkeypatch):
    passed, real = [0.0], watched.files.fetch_state

    def slow(path):
        passed[0] += 300
        return real(path)

    monkeypatch.setattr(budgets.time, "monotonic", lambda: passed[0])
    monkeypatch.setattr(watched.files, "fetch_state", slow)
    ends = []
    monkeypatch.setattr(budgets.Stopwatch, "progress", lambda watch, *_done: ends.append(watch._end))
    auditor.run(Budget(840))
    assert ends
    assert max(ends) == 540, "of 840 seconds, 300 are over and 300 are kept back"


def test_what_was_learned_before_an_error_is_kept(watched, auditor, monkeypatch):
    watched.add(20)
    total, count = len(cells(watched.client, "block/")), [0]

    def fail_in_the_middle(_watch, what, *_done):
        count[0] += what == "blocks"
        if count[0] > total // 2:
            raise ConnectionError("the table does not answer")

    monkeypatch.setattr("ledger.audit.checkpoint._SAVE_SECONDS", -1)
    with monkeypatch.context() as patch:
        patch.setattr(budgets.Stopwatch, "progress", fail_in_the_middle)
        with pytest.raises(ConnectionError):
            auditor.run(anew=True)
    report = auditor.run(Budget(rolling_seconds=0))
    assert (report.finished, report.finding_count) == (True, 0)
    assert report.blocks <= total // 2 + 1


def test_the_connections_are_made_from_the_environment_once(monkeypatch, auditor):
    made = []
    monkeypatch.setattr(function.connection, "open_auditor", lambda *given: made.append(given) or auditor)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    connections.cache_clear()
    assert connections() is connections()
    assert connections().rolling_seconds == 30
    assert made == [(EvidenceSettings.read(ENVIRONMENT), AuditSettings.read(ENVIRONMENT))]
    connections.cache_clear()
