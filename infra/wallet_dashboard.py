"""One dashboard for a deployment, which tells whether it is healthy, whether it is fast, and whether money moves."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .alarms import runbook
from .journal_stream import JournalStream
from .ledger import LedgerBase
from .ledger_auditor import LedgerAuditor
from .notarised_digests import DigestNotaryBase
from .stream_consumer import StreamConsumer
from .wallet_api import WalletApi
from .wallet_metrics import Outcome

_WIDTH, _HEIGHT = 24, 6
_OUTCOMES: dict[Outcome, str] = {
    "Succeeded": "succeeded",
    "Refused": "refused (4xx)",
    "Unavailable": "unavailable (503)",
    "Failed": "failed (500)",
}


class WalletDashboard(Construct):
    """Answers three questions, one section each, then shows the parts: the ledger, its stream, its evidence.

    Its first widget shows the state of every alarm that it is given.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        wallet: WalletApi,
        ledger: LedgerBase,
        stream: JournalStream | None = None,
        consumers: Mapping[str, StreamConsumer] | None = None,
        notary: DigestNotaryBase | None = None,
        auditor: LedgerAuditor | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        name: str | None = None,
    ) -> None:
        """Define the dashboard. `consumers` are those of the stream, by the names that readers know.

        By default its name is generated, and what is left out has no section.
        """
        super().__init__(scope, id)
        self._wallet, self._calls, self._ledger = wallet, wallet.functions, ledger
        self.dashboard = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=name, widgets=[])
        self._text(f"# Ledger {ledger.ledger_name}\n\nWhat to do when an alarm rings: {_link(runbook(self))}", height=2)
        if alarms:
            self._alarms(alarms)
        self._health()
        self._speed()
        self._money()
        self._ledger_section()
        if stream or consumers:
            self._stream_section(stream, consumers or {})
        if notary or auditor:
            self._evidence_section(notary, auditor)

    def _alarms(self, alarms: Sequence[cloudwatch.IAlarm]) -> None:
        height = 1 + -(-len(alarms) // 6)  # six names fit beside each other
        widget = cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=_WIDTH, height=height)
        self.dashboard.add_widgets(widget)

    def _health(self) -> None:
        calls = self._calls
        self._text("## Is it healthy?")
        self._row(
            _Graph(
                "Calls, by how they ended",
                "calls in 5 minutes",
                [_named(calls.metric_calls(outcome), label) for outcome, label in _OUTCOMES.items()],
                stacked=True,
            ),
            _Graph(
                "Answers of the API that were errors",
                "calls in 5 minutes",
                [
                    _named(self._wallet.metric_client_errors(), "4xx: the caller's"),
                    _named(self._wallet.metric_server_errors(), "5xx: the wallet's"),
                ],
            ),
            _Graph(
                "Functions that found no concurrency",
                "calls in 5 minutes",
                [_named(function.metric_throttles(), name) for name, function in calls.by_call.items()],
            ),
        )

    def _speed(self) -> None:
        self._text("## Is it fast?")
        self._row(
            _Graph(
                "Time to the answer, as the caller sees it",
                "milliseconds",
                [
                    _named(self._wallet.metric_latency(statistic="p50"), "half of the calls"),
                    _named(self._wallet.metric_latency(statistic="p99"), "99 of 100 calls"),
                ],
            ),
            _Graph(
                "Time within the function, 99 of 100 calls",
                "milliseconds",
                [
                    _named(self._calls.metric_call_latency(operation=call.lower()), call.lower())
                    for call in self._calls.by_call
                ],
            ),
        )

    def _money(self) -> None:
        calls = self._calls
        self._text("## Is money moving?")
        self._row(
            _Graph(
                "Money",
                "the wallet's unit, in 5 minutes",
                [
                    _named(calls.metric_money_added(), "added"),
                    _named(calls.metric_money_withdrawn(), "withdrawn"),
                    _named(calls.metric_money_transferred(), "transferred"),
                ],
            ),
            _Graph(
                "Changes of accounts that were committed",
                "calls in 5 minutes",
                [_named(calls.metric_commits(), "commits"), _named(calls.metric_calls("Replayed"), "repeated calls")],
            ),
        )

    def _ledger_section(self) -> None:
        calls, ledger = self._calls, self._ledger
        self._text("## The ledger")
        self._row(
            _Graph(
                "Transactions that met others",
                "in 5 minutes",
                [_named(calls.metric_occ_conflicts(), "conflicts"), _named(calls.metric_retries(), "retries")],
            ),
            _Graph(
                "Capacity used",
                "units in 5 minutes",
                [
                    _named(ledger.metric_consumed_reads(), "read units"),
                    _named(ledger.metric_consumed_writes(), "write units"),
                ],
            ),
            _Graph(
                "Throttled by DynamoDB",
                "items in 5 minutes",
                [_named(ledger.metric_throttled("Read"), "reads"), _named(ledger.metric_throttled("Write"), "writes")],
            ),
        )

    def _stream_section(self, stream: JournalStream | None, consumers: Mapping[str, StreamConsumer]) -> None:
        self._text("## The journal's stream")
        graphs = []
        if stream:
            graphs += [
                _Graph("Age of blocks when they were published", "seconds", [_named(stream.metric_lag(), "lag")]),
                _Graph("Blocks published", "blocks in a minute", [_named(stream.metric_blocks(), "blocks")]),
            ]
        if consumers:
            ages = [_named(each.metric_iterator_age(), name) for name, each in consumers.items()]
            letters = [_named(each.metric_dead_letters(), name) for name, each in consumers.items()]
            graphs += [
                _Graph("Age of records when consumers got them", "milliseconds", ages),
                _Graph("Dead letters", "waiting", letters),
            ]
        self._row(*graphs)

    def _evidence_section(self, notary: DigestNotaryBase | None, auditor: LedgerAuditor | None) -> None:
        self._text("## The evidence")
        ages, bad = [], []
        if notary:
            ages.append(_named(notary.metric_digest_age(), "blocks that wait for a digest"))
            bad.append(_named(notary.metric_refusals(), "refusals of the notary"))
        if auditor:
            ages.append(_named(auditor.metric_audit_age(), "the last whole run of the auditor"))
            bad.append(_named(auditor.metric_findings(), "findings of the auditor"))
        self._row(_Graph("Age of the evidence", "seconds", ages), _Graph("Not in order", "in a minute", bad))

    def _text(self, markdown: str, height: int = 1) -> None:
        background = cloudwatch.TextWidgetBackground.TRANSPARENT
        self.dashboard.add_widgets(
            cloudwatch.TextWidget(markdown=markdown, width=_WIDTH, height=height, background=background)
        )

    def _row(self, *graphs: "_Graph") -> None:
        self.dashboard.add_widgets(*(each.widget(_WIDTH // len(graphs)) for each in graphs))


class _Graph(NamedTuple):
    title: str
    unit: str
    metrics: Sequence[cloudwatch.IMetric]
    stacked: bool = False

    def widget(self, width: int) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title=self.title,
            left=list(self.metrics),
            left_y_axis=cloudwatch.YAxisProps(label=self.unit, show_units=False, min=0),
            stacked=self.stacked,
            width=width,
            height=_HEIGHT,
        )


def _named(metric: cloudwatch.Metric, label: str) -> cloudwatch.Metric:
    return metric.with_(label=label)


def _link(place: str) -> str:
    return f"[runbook]({place})" if place.startswith("http") else f"`{place}`"
