"""The project's app, published with the caller's own credentials.

Where IAM is enforced, the local cloud refuses the bootstrap's publishing role; AWS does not.
"""

from aws_cdk import App, CliCredentialsStackSynthesizer

from infra.ledger_stack import LedgerStack
from infra.settings import Settings
from infra.wallet_stack import WalletStack

app = App(default_stack_synthesizer=CliCredentialsStackSynthesizer())
settings = Settings.from_context(app.node.get_all_context())
ledger = LedgerStack(app, f"{settings.deployment}-ledger", settings=settings).ledger
WalletStack(app, f"{settings.deployment}-wallet", settings=settings, ledger=ledger)
app.synth()
