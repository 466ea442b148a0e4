"""The stacks of one deployment, and how they hang together."""

from dataclasses import dataclass, fields
from typing import Self

from constructs import Construct

from .alarms import notify
from .deployment_stack import DeploymentStack
from .evidence_stack import EvidenceStack
from .ledger_stack import LedgerStack
from .settings import Settings
from .stream_stack import StreamStack
from .wallet_stack import WalletStack


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The stacks of a deployment by what they are for. Each is called after the deployment, as `captable1-ledger`."""

    ledger: LedgerStack
    stream: StreamStack
    evidence: EvidenceStack
    wallet: WalletStack

    @classmethod
    def define(cls, scope: Construct, settings: Settings) -> Self:
        """Define the stacks in `scope`, an app or one of its stages."""
        name = settings.deployment
        ledger = LedgerStack(scope, f"{name}-ledger", settings=settings)
        stream = StreamStack(scope, f"{name}-stream", settings=settings, ledger=ledger.ledger)
        evidence = EvidenceStack(scope, f"{name}-evidence", settings=settings, ledger=ledger.ledger)
        wallet = WalletStack(scope, f"{name}-wallet", settings=settings, ledger=ledger.ledger, notary=evidence.notary)
        deployment = cls(ledger=ledger, stream=stream, evidence=evidence, wallet=wallet)
        for stack in deployment.stacks().values():
            notify(ledger.alarm_topic, stack.alarms)
        return deployment

    def stacks(self) -> dict[str, DeploymentStack]:
        """Return the stacks by the last part of their names."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
