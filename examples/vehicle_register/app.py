"""A register of vehicles: another business on the ledger of the wallet."""

from aws_cdk import App, Stack
from verifiable_wallet import JournalStream, Ledger, LedgerTables, PythonFunction

app = App()
stack = Stack(app, "vehicle-register")
ledger = Ledger(stack, "Ledger", ledger_name="vehicle-register")
tables = LedgerTables(stack, "Tables", ledger=ledger, tables={"Vehicles": ["vin"], "Owners": ["licence"]})
stream = JournalStream(stack, "Stream", ledger=ledger)
register = PythonFunction(
    stack, "Register", code="functions", handler="register.handler", environment=ledger.environment
)
ledger.grant_read_write(register)
app.synth()
