"""The stacks of one deployment, and how they hang together."""

from dataclasses import dataclass, fields
from typing import Self, TypedDict

from constructs import Construct

from .alarms import notify
from .deployment_stack import DeploymentStack
from .evidence_stack import EvidenceStack
from .ledger_stack import LedgerStack
from .operations_stack import OperationsStack
from .settings import Settings
from .stream_stack import StreamStack
from .wallet_stack import WalletStack


class _Served(TypedDict):
    ledger: LedgerStack
    stream: StreamStack
    evidence: EvidenceStack
    wallet: WalletStack


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The stacks of a deployment by what they are for. Each is called after the deployment, as `captable1-ledger`."""

    ledger: LedgerStack
    stream: StreamStack
    evidence: EvidenceStack
    wallet: WalletStack
    operations: OperationsStack | None

    @classmethod
    def define(cls, scope: Construct, settings: Settings) -> Self:
        """Define the stacks in `scope`, an app or one of its stages."""
        name = settings.deployment
        ledger = LedgerStack(scope, f"{name}-ledger", settings=settings)
        stream = StreamStack(scope, f"{name}-stream", settings=settings, ledger=ledger.ledger)
        evidence = EvidenceStack(scope, f"{name}-evidence", settings=settings, ledger=ledger.ledger)
        wallet = WalletStack(scope, f"{name}-wallet", settings=settings, ledger=ledger.ledger, notary=evidence.notary)
        served: _Served = {"ledger": ledger, "stream": stream, "evidence": evidence, "wallet": wallet}
        wanted = settings.dashboard or settings.backup_days
        operations = OperationsStack(scope, f"{name}-operations", settings=settings, **served) if wanted else None
        deployment = cls(**served, operations=operations)
        for stack in deployment.stacks().values():
            notify(ledger.alarm_topic, stack.alarms)
        return deployment

    def stacks(self) -> dict[str, DeploymentStack]:
        """Return the stacks by the last part of their names."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: stack for name, stack in named.items() if stack}
