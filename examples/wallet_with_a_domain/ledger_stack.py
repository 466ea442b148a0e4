"""What is kept: the key that encrypts everything, and the ledger with the wallet's tables."""

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from constructs import Construct
from verifiable_wallet import Ledger, LedgerTables


class LedgerStack(Stack):
    """The ledger, and `key`, which the wallet's stack uses too."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.key = kms.Key(self, "Key", enable_key_rotation=True)
        self.ledger = Ledger(self, "Ledger", ledger_name="domain-wallet", encryption_key=self.key)
        tables = {"wallettable": ["email"], "idempotency": ["key"]}
        LedgerTables(self, "Tables", ledger=self.ledger, tables=tables, encryption_key=self.key)
