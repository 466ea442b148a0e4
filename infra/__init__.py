"""What gets deployed: constructs that other stacks can use, and the stacks that compose them into the wallet.

In the wheel this package is `verifiable_wallet`. What is imported from it is loaded when it is first asked for, since
each service of the CDK's library takes its time to load: an app waits for those that it uses.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .alarm_topic import AlarmTopic
    from .alarms import notify
    from .archived_journal import JournalArchiveBase
    from .balance_alerts import BalanceAlerts
    from .cors import Cors
    from .custom_domain import CustomDomain, Truststore
    from .dependency_layer import DependencyLayer
    from .deployed_api import WalletApiBase
    from .digest_bucket import DigestBucket, LockMode
    from .digest_notary import DigestNotary
    from .errors import InfraError, PackagingError, PropError
    from .function_code import staged_code
    from .journal_archive import JournalArchive
    from .journal_stream import JournalStream
    from .ledger import Ledger, LedgerBase
    from .ledger_alarms import LedgerAlarms
    from .ledger_auditor import LedgerAuditor
    from .ledger_tables import LedgerTables
    from .notarised_digests import DigestNotaryBase
    from .private_endpoint import PrivateEndpoint
    from .published_journal import JournalStreamBase
    from .python_function import PythonFunction
    from .search_collection import SearchCollection
    from .search_index import SearchIndex
    from .stream_consumer import StreamConsumer
    from .table_backup import TableBackup, VaultLock
    from .transaction_view import TransactionView, TransactionViewBase
    from .usage_plan import UsagePlan
    from .wallet_alarms import WalletAlarms
    from .wallet_api import WalletApi
    from .wallet_authorization import CognitoAuthorization, IamAuthorization, LambdaAuthorization, WalletAuthorization
    from .wallet_dashboard import WalletDashboard
    from .wallet_functions import WalletFunctions
    from .web_acl import WebAcl, WebAclBase

__all__ = [
    "AlarmTopic",
    "BalanceAlerts",
    "CognitoAuthorization",
    "Cors",
    "CustomDomain",
    "DependencyLayer",
    "DigestBucket",
    "DigestNotary",
    "DigestNotaryBase",
    "IamAuthorization",
    "InfraError",
    "JournalArchive",
    "JournalArchiveBase",
    "JournalStream",
    "JournalStreamBase",
    "LambdaAuthorization",
    "Ledger",
    "LedgerAlarms",
    "LedgerAuditor",
    "LedgerBase",
    "LedgerTables",
    "LockMode",
    "PackagingError",
    "PrivateEndpoint",
    "PropError",
    "PythonFunction",
    "SearchCollection",
    "SearchIndex",
    "StreamConsumer",
    "TableBackup",
    "TransactionView",
    "TransactionViewBase",
    "Truststore",
    "UsagePlan",
    "VaultLock",
    "WalletAlarms",
    "WalletApi",
    "WalletApiBase",
    "WalletAuthorization",
    "WalletDashboard",
    "WalletFunctions",
    "WebAcl",
    "WebAclBase",
    "notify",
    "staged_code",
]

_MODULES = {
    "AlarmTopic": "alarm_topic",
    "BalanceAlerts": "balance_alerts",
    "CognitoAuthorization": "wallet_authorization",
    "Cors": "cors",
    "CustomDomain": "custom_domain",
    "DependencyLayer": "dependency_layer",
    "DigestBucket": "digest_bucket",
    "DigestNotary": "digest_notary",
    "DigestNotaryBase": "notarised_digests",
    "IamAuthorization": "wallet_authorization",
    "InfraError": "errors",
    "JournalArchive": "journal_archive",
    "JournalArchiveBase": "archived_journal",
    "JournalStream": "journal_stream",
    "JournalStreamBase": "published_journal",
    "LambdaAuthorization": "wallet_authorization",
    "Ledger": "ledger",
    "LedgerAlarms": "ledger_alarms",
    "LedgerAuditor": "ledger_auditor",
    "LedgerBase": "ledger",
    "LedgerTables": "ledger_tables",
    "LockMode": "digest_bucket",
    "PackagingError": "errors",
    "PrivateEndpoint": "private_endpoint",
    "PropError": "errors",
    "PythonFunction": "python_function",
    "SearchCollection": "search_collection",
    "SearchIndex": "search_index",
    "StreamConsumer": "stream_consumer",
    "TableBackup": "table_backup",
    "TransactionView": "transaction_view",
    "TransactionViewBase": "transaction_view",
    "Truststore": "custom_domain",
    "UsagePlan": "usage_plan",
    "VaultLock": "table_backup",
    "WalletAlarms": "wallet_alarms",
    "WalletApi": "wallet_api",
    "WalletApiBase": "deployed_api",
    "WalletAuthorization": "wallet_authorization",
    "WalletDashboard": "wallet_dashboard",
    "WalletFunctions": "wallet_functions",
    "WebAcl": "web_acl",
    "WebAclBase": "web_acl",
    "notify": "alarms",
    "staged_code": "function_code",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
