"""The stack for those who operate a deployment: its dashboard, and the backups of its tables."""

from aws_cdk import CfnOutput, CrossStackReferences, Duration, ReferenceStrength
from constructs import Construct

from .deployment_stack import DeploymentStack
from .evidence_stack import EvidenceStack
from .ledger_stack import LedgerStack
from .settings import Settings
from .stream_stack import StreamStack
from .table_backup import TableBackup, VaultLock
from .wallet_dashboard import WalletDashboard
from .wallet_stack import WalletStack


class OperationsStack(DeploymentStack):
    """Looks at the other stacks and never keeps them from changing: its references to them are weak."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        settings: Settings,
        ledger: LedgerStack,
        stream: StreamStack,
        evidence: EvidenceStack,
        wallet: WalletStack,
    ) -> None:
        """Define what the settings ask for, over stacks that exist already."""
        super().__init__(scope, id, settings=settings, description="The dashboard of the wallet, and its backups")
        CrossStackReferences.of(self).consume(ReferenceStrength.WEAK)
        self.backup = self._backup(settings, ledger, stream, wallet) if settings.backup_days else None
        self.alarms += self.backup.alarms if self.backup else []
        self.dashboard = self._dashboard(settings, ledger, stream, evidence, wallet) if settings.dashboard else None

    def _backup(self, settings: Settings, ledger: LedgerStack, stream: StreamStack, wallet: WalletStack) -> TableBackup:
        """Back up what no journal can make again: the ledger, the profiles, and the thresholds of alerts."""
        made = TableBackup(
            self,
            "Backup",
            sources=[ledger.ledger.table, wallet.profiles, *([stream.alerts.table] if stream.alerts else [])],
            retention=Duration.days(settings.backup_days),
            vault_lock=VaultLock(settings.backup_lock),
        )
        CfnOutput(self, "BackupVault", value=made.vault.backup_vault_name, description="Where the backups are")
        return made

    def _dashboard(
        self,
        settings: Settings,
        ledger: LedgerStack,
        stream: StreamStack,
        evidence: EvidenceStack,
        wallet: WalletStack,
    ) -> WalletDashboard:
        consumers = {"view": stream.view, "balance alerts": stream.alerts}
        made = WalletDashboard(
            self,
            "Dashboard",
            wallet=wallet.wallet,
            ledger=ledger.ledger,
            journal=stream.journal,
            consumers={name: each.consumer for name, each in consumers.items() if each},
            notary=evidence.notary,
            auditor=evidence.auditor,
            alarms=[alarm for stack in (ledger, stream, evidence, wallet, self) for alarm in stack.alarms],
            name=settings.deployment,
        )
        CfnOutput(self, "DashboardName", value=made.dashboard.dashboard_name, description="In CloudWatch")
        return made
