"""A ledger with one table, and a function that writes to it and reads it."""

from aws_cdk import App, Stack
from verifiable_wallet import Ledger, LedgerTables, PythonFunction

app = App()
stack = Stack(app, "ledger-alone")
ledger = Ledger(stack, "Ledger", ledger_name="notes", strands=1)
tables = LedgerTables(stack, "Tables", ledger=ledger, tables={"Notes": ["author"]})
function = PythonFunction(stack, "Notes", code="functions", handler="notes.handler", environment=ledger.environment)
ledger.grant_read_write(function)
app.synth()
