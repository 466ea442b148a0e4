"""The wallet under a domain name of one's own: for users of a pool, from web pages, by partners' keys, with alarms."""

from aws_cdk import App
from ledger_stack import LedgerStack
from wallet_stack import WalletStack

app = App()
ledger = LedgerStack(app, "domain-wallet-ledger")
WalletStack(app, "domain-wallet", ledger=ledger.ledger, key=ledger.key)
app.synth()
