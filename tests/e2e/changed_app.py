"""The project's app, changed as the context's `change` says."""

from aws_cdk import App

from infra import ledger_stack
from infra.deployment import Deployment
from infra.ledger import Ledger
from infra.ledger_tables import LedgerTables
from infra.settings import Settings

app = App()
change = app.node.try_get_context("change")
if change == "more tables":
    ledger_stack.TABLES |= {"wallettable": ("email", "username"), "partnertable": ("name",)}
deployment = Deployment.define(app, Settings.from_context(app.node.get_all_context()))
if change == "broken":
    made = deployment.ledger.ledger
    other = Ledger.from_ledger_attributes(
        deployment.wallet,
        "Other",
        ledger_name=made.ledger_name,
        table=made.table,
        strands=made.strands + 1,
        encryption_key=made.encryption_key,
    )
    broken = LedgerTables(deployment.wallet, "Broken", ledger=other, tables={"wallettable": ("email",)})
    broken.node.add_dependency(deployment.wallet.wallet)
app.synth()
