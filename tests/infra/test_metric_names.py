"""What functions measure and what alarms and dashboards read: a difference of one letter would be silence."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from lambdas import metrics
from lambdas.evidence import auditor, notary
from lambdas.gateway import Answer
from lambdas.stream import forwarder
from lambdas.wallet import metrics as wallet_metrics
from ledger.audit.report import Report
from ledger.notary.errors import NotaryError
from ledger.stream import Forwarded, StreamDescription, StreamRequest
from tests.infra.runbook import alarms
from tests.infra.synthesis import resources, synthesised
from tests.infra.test_wallet_functions import CALLS

OPERATIONS = [name.lower() for name in CALLS]
STREAM = StreamRequest(name="books-qldb-stream", start=datetime(2026, 1, 1, tzinfo=UTC), kinesis_arn="arn")
BALANCES = {"CurrentBalance": 3, "PreviousBalance": 1}


def outcomes():
    """Have every function measure all that it can."""
    tally = wallet_metrics.Tally()
    for operation in OPERATIONS:
        for answer in (*(Answer(status, BALANCES) for status in (200, 404, 500, 503)), Answer(200, {}, replayed=True)):
            wallet_metrics.emit(operation, answer, 0.1, tally)
    forwarder._measure(StreamDescription("books", "id", "arn", STREAM.start, STREAM), Forwarded(caught_up=True))
    report = dict.fromkeys(Report._fields, 0) | {"ledger": "books", "findings": ()}
    auditor._tell(Report(**report))


def refuse():
    raise NotaryError


@pytest.fixture
def written(capsys, monkeypatch):
    """Give (name, names of dimensions) of all that is written, and the values of the dimension Operation."""
    outcomes()
    for notarise in (lambda: None, refuse):
        known = notary.Connections(SimpleNamespace(ledger_name="books"), SimpleNamespace(notarise=notarise))
        monkeypatch.setattr(notary, "connections", lambda known=known: known)
        with suppress(NotaryError):
            notary.handler({}, None)
    return set(emitted(capsys.readouterr().out))


def emitted(printed):
    for line in map(json.loads, filter(None, printed.splitlines())):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            for metric in directive["Metrics"]:
                for dimensions in directive["Dimensions"]:
                    values = tuple(line[name] if name == "Operation" else "" for name in dimensions)
                    yield directive["Namespace"], metric["Name"], tuple(dimensions), values


def filtered(template):
    """Give what is counted in logs."""
    for body in resources(template, "AWS::Logs::MetricFilter").values():
        for each in body["Properties"]["MetricTransformations"]:
            names = tuple(one["Key"] for one in each["Dimensions"])
            yield each["MetricNamespace"], each["MetricName"], names, ("",) * len(names)


def read_by_alarms(templates):
    for _, alarm in alarms(*templates):
        dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
        yield key(alarm["Namespace"], alarm["MetricName"], dimensions)


def read_by_the_dashboard(template):
    (dashboard,) = resources(template, "AWS::CloudWatch::Dashboard").values()
    for widget in body(dashboard)["widgets"]:
        for namespace, name, *pairs in widget["properties"].get("metrics", ()):
            words = [word for word in pairs if not isinstance(word, dict)]
            yield key(namespace, name, dict(zip(words[::2], words[1::2], strict=True)))


def body(dashboard):
    """Give a dashboard's body as JSON, with a word in place of what is known at deployment only."""
    _, parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"]
    return json.loads("".join(part if isinstance(part, str) else "known-later" for part in parts))


def key(namespace, name, dimensions):
    values = tuple(
        value if key == "Operation" and namespace == metrics.NAMESPACE else "" for key, value in dimensions.items()
    )
    return namespace, name, tuple(dimensions), values


def of_ours(keys):
    return {each for each in keys if each[0] == metrics.NAMESPACE}


def test_all_that_is_read_is_written_under_the_same_names_and_dimensions(written):
    made = synthesised(deployment="one", search_index=True, backup_days=35)
    counted = {each for template in made.templates() for each in filtered(template)}
    by_alarms = of_ours(read_by_alarms(made.templates()))
    by_dashboard = of_ours(read_by_the_dashboard(made.stacks["operations"]))
    assert len(by_alarms) > 8
    assert len(by_dashboard) > 20
    assert by_alarms - written - counted == set()
    assert by_dashboard - written - counted == set()


def test_every_metric_that_is_listed_is_written_and_no_other(written):
    assert {name for _, name, _, _ in written} == set(metrics.UNITS)


def test_what_is_measured_is_shown_or_rings(written):
    made = synthesised(deployment="one", search_index=True, backup_days=35)
    read = of_ours(read_by_alarms(made.templates())) | of_ours(read_by_the_dashboard(made.stacks["operations"]))
    assert set(metrics.UNITS) - {name for _, name, _, _ in read} == {
        "AuditedBlocks",
        "DigestsNotarised",
        "RecordsForwarded",
    }


def test_a_metric_that_is_not_listed_cannot_be_written():
    with pytest.raises(KeyError, match="Comits"):
        metrics.write({"Comits": 1}, {"Ledger": "books"})


def test_the_ledger_that_functions_name_is_the_one_that_alarms_watch():
    made = synthesised(deployment="one", search_index=True, backup_days=35)
    functions = [
        body["Properties"]["Environment"]["Variables"]
        for template in made.templates()
        for body in resources(template, "AWS::Lambda::Function").values()
    ]
    named = {variables["LEDGER_NAME"] for variables in functions if "LEDGER_NAME" in variables}
    watched = set(re.findall(r'"Name": "Ledger", "Value": "(\w+)"', json.dumps(made.templates())))
    assert named == watched == {"one"}
