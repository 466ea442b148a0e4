"""A register of vehicles: another business on the ledger of the wallet, with its journal in an archive."""

from aws_cdk import App, CfnOutput, Stack
from verifiable_wallet import JournalArchive, JournalStream, Ledger, LedgerTables, PythonFunction

app = App()

register = Stack(app, "vehicle-register")
ledger = Ledger(register, "Ledger", ledger_name="vehicle-register")
tables = LedgerTables(register, "Tables", ledger=ledger, tables={"Vehicles": ["vin"]})


def function(name: str, handler: str) -> PythonFunction:
    """Define one of the register's functions, and give its name away."""
    made = PythonFunction(register, name, handler=handler, code="functions", environment=ledger.environment)
    made.node.add_dependency(tables)
    CfnOutput(register, f"{name}Function", value=made.function.function_name)
    return made


ledger.grant_read_write(function("Registrar", "registrar.handler"))
ledger.grant_read(function("Inquiry", "inquiry.handler"))

journal = Stack(app, "vehicle-register-journal")
stream = JournalStream(journal, "Stream", ledger=ledger)
JournalArchive(journal, "Archive", stream=stream.kinesis_stream, ledger_name=ledger.ledger_name)

app.synth()
