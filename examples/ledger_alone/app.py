"""A ledger with one table, its journal as a stream, and a function that writes to the ledger and reads it."""

from aws_cdk import App, CfnOutput, Stack
from verifiable_wallet import JournalStream, Ledger, LedgerTables, PythonFunction

app = App()
stack = Stack(app, "ledger-alone")
ledger = Ledger(stack, "Ledger", ledger_name="notes", strands=1)
LedgerTables(stack, "Tables", ledger=ledger, tables={"Notes": ["author"]})
JournalStream(stack, "Journal", ledger=ledger)
notes = PythonFunction(stack, "Notes", handler="notes.handler", code="functions", environment=ledger.environment)
ledger.grant_read_write(notes)
CfnOutput(stack, "Function", value=notes.function.function_name)
app.synth()
