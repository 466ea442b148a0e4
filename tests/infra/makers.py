"""How each public construct is made, and where: a new one that is not in `MAKERS` fails `test_constructs.py`.

Everything that a construct takes is in a stack of its own, `Shared`, so that every one of them works across stacks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aws_cdk import App, Duration, Environment, Stack, Stage, Tags
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

import infra
from tests.infra.synthesis import CONTEXT, new_outdir

ACCOUNT = "111122223333"
PLACES = {
    "anywhere": None,
    "eu-central-1": Environment(account=ACCOUNT, region="eu-central-1"),
    "cn-north-1": Environment(account=ACCOUNT, region="cn-north-1"),
}
TAG, BOUNDARY = ("cost-center", "ledger"), "team-boundary"


class Shared(Stack):
    """What the constructs are given."""

    def __init__(self, scope: Construct, **options: Any) -> None:
        super().__init__(scope, "Shared", **options)
        self.key = kms.Key(self, "Own")
        self.ledger = infra.Ledger(self, "Ledger", encryption_key=self.key)
        self.journal = infra.JournalStream(self, "Journal", ledger=self.ledger, encryption_key=self.key)
        self.notary = infra.DigestNotary(self, "Notary", ledger=self.ledger, encryption_key=self.key)
        self.profiles = dynamodb.Table(
            self,
            "Profiles",
            partition_key=dynamodb.Attribute(name="email", type=dynamodb.AttributeType.STRING),
            encryption_key=self.key,
        )


@dataclass(frozen=True)
class Maker:
    """Makes one construct in a stack, from `Shared` and its key.

    `without` says why it has none of a kind of method: "grant", "metric", "from" (an import) or "key". `arguments` are
    those of methods that take more than a grantee or a period.
    """

    make: Callable[[Stack, Shared, Mapping[str, Any]], Construct]
    without: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def function(stack: Stack, key: Mapping[str, Any]) -> infra.PythonFunction:
    return infra.PythonFunction(stack, "Function", handler="lambdas.stream.archive.handler", **key)


def vpc(stack: Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", nat_gateways=0, restrict_default_security_group=False)


def functions(stack: Stack, shared: Shared, key: Mapping[str, Any]) -> infra.WalletFunctions:
    return infra.WalletFunctions(stack, "Functions", ledger=shared.ledger, profile_table=shared.profiles, **key)


def wallet(stack: Stack, shared: Shared, key: Mapping[str, Any]) -> infra.WalletApi:
    return infra.WalletApi(stack, "Wallet", functions=functions(stack, shared, key), **key)


_STREAM = "its functions are fed by the stream, which is imported"
_DEPLOYING = "it works while the stack is deployed, which fails with it"
_RULES = "it only holds rules; who is let through has no rights in AWS"

_WATCHING = "it is made of alarms, which the CDK imports, and which watch metrics of others"

MAKERS: Mapping[str, Maker] = {
    "AlarmTopic": Maker(
        lambda stack, _shared, key: infra.AlarmTopic(stack, "Made", **key),
        without={
            "from": "topics are imported as `sns.Topic`",
            "grant": "CloudWatch alone publishes there",
            "metric": "SNS measures its topics",
        },
    ),
    "BalanceAlerts": Maker(
        lambda stack, shared, key: infra.BalanceAlerts(stack, "Made", stream=shared.journal.kinesis_stream, **key),
        without={"from": "what others need of it is a topic and a rule's pattern, which the CDK imports"},
    ),
    "DependencyLayer": Maker(
        lambda stack, _shared, _key: infra.DependencyLayer(stack, "Made"),
        without={"key": "Lambda encrypts layers", "metric": "a layer does nothing by itself", "grant": _DEPLOYING},
    ),
    "DigestBucket": Maker(
        lambda stack, shared, key: infra.DigestBucket(stack, "Made", **key),
        without={"metric": "`DigestNotary` measures what is put there"},
        arguments={"grant_on_key": {}},
    ),
    "DigestNotary": Maker(
        lambda stack, shared, key: infra.DigestNotary(stack, "Made", ledger=shared.ledger, **key),
    ),
    "JournalArchive": Maker(
        lambda stack, shared, key: infra.JournalArchive(
            stack, "Made", stream=shared.journal.kinesis_stream, ledger_name="captable1", **key
        ),
    ),
    "JournalStream": Maker(
        lambda stack, shared, key: infra.JournalStream(stack, "Made", ledger=shared.ledger, stream_name="own", **key),
    ),
    "Ledger": Maker(
        lambda stack, shared, key: infra.Ledger(stack, "Made", **key),
        arguments={
            "metric_throttled": {"kind": "Read"},
            "metric_system_errors": {"operation": "Query"},
        },
    ),
    "LedgerAlarms": Maker(
        lambda stack, shared, _key: infra.LedgerAlarms(stack, "Made", ledger=shared.ledger),
        without=dict.fromkeys(("from", "grant", "key", "metric"), _WATCHING),
    ),
    "LedgerAuditor": Maker(
        lambda stack, shared, key: infra.LedgerAuditor(
            stack, "Made", ledger=shared.ledger, notary=shared.notary, **key
        ),
        without={"from": "what others need of it are its reports, in a bucket that the CDK imports"},
    ),
    "LedgerTables": Maker(
        lambda stack, shared, key: infra.LedgerTables(
            stack, "Made", ledger=shared.ledger, tables={"Things": ["name"]}, **key
        ),
        without={"grant": "`Ledger` grants the use of its tables", "metric": _DEPLOYING, "from": _DEPLOYING},
    ),
    "PrivateEndpoint": Maker(
        lambda stack, _shared, _key: infra.PrivateEndpoint(stack, "Made", vpc=vpc(stack)),
        without={"key": "it keeps nothing", "metric": "the API behind it measures its calls", "grant": _RULES},
    ),
    "PythonFunction": Maker(
        lambda stack, shared, key: function(stack, key),
        without={"from": "functions are imported as `lambda_.Function`"},
    ),
    "SearchCollection": Maker(
        lambda stack, shared, key: infra.SearchCollection(stack, "Made", **key),
        without={
            "metric": "`SearchIndex` measures what is put into it",
            "from": "a policy for access is part of the collection's own stack",
        },
        arguments={"grant_read": {"index": "journal"}, "grant_write": {"index": "journal"}},
    ),
    "SearchIndex": Maker(
        lambda stack, shared, key: infra.SearchIndex(stack, "Made", stream=shared.journal.kinesis_stream, **key),
        without={"from": "what others need of it is its collection or domain"},
    ),
    "StreamConsumer": Maker(
        lambda stack, shared, key: infra.StreamConsumer(
            stack, "Made", stream=shared.journal.kinesis_stream, function=function(stack, key).function, **key
        ),
        without={"from": _STREAM},
    ),
    "TableBackup": Maker(
        lambda stack, shared, key: infra.TableBackup(stack, "Made", sources=[shared.profiles], **key),
        without={
            "from": "vaults are imported as `backup.BackupVault`",
            "grant": "who restores has rights of AWS Backup, which its vault gives",
        },
    ),
    "TransactionView": Maker(
        lambda stack, shared, key: infra.TransactionView(
            stack, "Made", stream=shared.journal.kinesis_stream, ledger=shared.ledger, **key
        ),
    ),
    "WalletAlarms": Maker(
        lambda stack, shared, key: infra.WalletAlarms(stack, "Made", wallet=wallet(stack, shared, key)),
        without=dict.fromkeys(("from", "grant", "key", "metric"), _WATCHING),
    ),
    "WalletApi": Maker(
        wallet,
    ),
    "WalletDashboard": Maker(
        lambda stack, shared, key: infra.WalletDashboard(
            stack, "Made", wallet=wallet(stack, shared, key), ledger=shared.ledger
        ),
        without=dict.fromkeys(("from", "grant", "key", "metric"), "it shows the metrics of others, and keeps nothing"),
    ),
    "WalletFunctions": Maker(
        functions,
        without={
            "grant": "each of its functions has `grant_invoke`",
            "from": "functions serve the API they are made for",
        },
        arguments={"metric_calls": {"outcome": "Succeeded"}},
    ),
    "WebAcl": Maker(
        lambda stack, shared, key: infra.WebAcl(stack, "Made", **key),
        without={"grant": _RULES},
    ),
}

BASES = {name for name in infra.__all__ if name.endswith("Base")}
"""What a construct and its import have in common; they are made by importing only."""


@dataclass(frozen=True)
class Made:
    """A construct in its stack, with what its methods gave when they were called."""

    construct: Construct
    stack: Stack
    grants: Mapping[str, iam.Grant]
    metrics: Mapping[str, cloudwatch.Metric]


@dataclass(frozen=True)
class Everything:
    """Every construct in every place, synthesised once."""

    made: Mapping[str, Mapping[str, Made]]
    directories: Mapping[str, Path]


def everything() -> Everything:
    """Make all constructs with a key of the user's own, under a tag and a permissions boundary, in a stage a place."""
    app = App(context=CONTEXT, outdir=new_outdir(), builtin_cloud_formation_validation=False)
    stages = {place: Stage(app, place, env=environment) for place, environment in PLACES.items()}
    made = {place: _all_in(stage) for place, stage in stages.items()}
    app.synth()
    return Everything(made, {place: Path(stage.synth().directory) for place, stage in stages.items()})


def _all_in(stage: Stage) -> Mapping[str, Made]:
    shared = Shared(stage)
    made = {name: _made(Stack(stage, name), shared, maker) for name, maker in MAKERS.items()}
    Tags.of(stage).add(*TAG)
    boundary = iam.ManagedPolicy.from_managed_policy_name(shared, "Boundary", BOUNDARY)
    iam.PermissionsBoundary.of(stage).apply(boundary)
    return made


def _made(stack: Stack, shared: Shared, maker: Maker) -> Made:
    key = {} if "key" in maker.without else {"encryption_key": shared.key}
    construct = maker.make(stack, shared, key)
    friend = iam.Role(stack, "Friend", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    grants, metrics = {}, {}
    for name in methods(type(construct), "grant"):
        grants[name] = getattr(construct, name)(friend, **maker.arguments.get(name, {}))
    for name in methods(type(construct), "metric"):
        given = {"period": Duration.minutes(7), **maker.arguments.get(name, {})}
        metrics[name] = getattr(construct, name)(**given)
    return Made(construct, stack, grants, metrics)


def methods(construct: type, kind: str) -> list[str]:
    """Give the names of the methods of a kind that this project's classes give a construct."""
    own = [each for each in construct.__mro__ if each.__module__.startswith("infra.")]
    return sorted(
        {name for each in own for name in vars(each) if name.startswith(f"{kind}_") and callable(getattr(each, name))}
    )
