#!/usr/bin/env python3
"""The wallet's CDK app: the stacks of the ledger, of its journal's stream, and of the wallet."""

import sys

from aws_cdk import App

from infra.errors import InfraError
from infra.ledger_stack import LedgerStack
from infra.settings import Settings
from infra.stream_stack import StreamStack
from infra.wallet_stack import WalletStack

app = App()
try:
    settings = Settings.from_context(app.node.get_all_context())
    ledger = LedgerStack(app, f"{settings.deployment}-ledger", settings=settings).ledger
    StreamStack(app, f"{settings.deployment}-stream", settings=settings, ledger=ledger)
    WalletStack(app, f"{settings.deployment}-wallet", settings=settings, ledger=ledger)
except InfraError as error:
    sys.exit(f"error: {error}")
app.synth()
