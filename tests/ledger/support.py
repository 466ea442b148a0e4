"""Sessions whose every command the test sends itself, so that it decides how transactions interleave."""

from ledger import ion
from ledger.audit import audit
from ledger.journal.cell import read_block
from ledger.journal.hashing import dot
from ledger.ledger import Ledger
from ledger.session.service import SessionService
from tests.blocks import block_cells


class Client:
    """Runs statements on a ledger through its session service."""

    def __init__(self, ledger: Ledger, **options) -> None:
        self.ledger = ledger
        self.service = SessionService(lambda _: ledger, **options)

    def session(self) -> "ClientSession":
        return ClientSession(self.service, self.ledger.name)

    def begin(self) -> "ClientSession":
        session = self.session()
        session.begin()
        return session

    def run(self, statement, *parameters):
        """Run one statement in a transaction of its own."""
        session = self.begin()
        rows = session.run(statement, *parameters)
        session.commit()
        session.end()
        return rows

    def findings(self):
        return list(audit(self.ledger.store, self.ledger.name))

    def blocks(self):
        """The blocks that clients' transactions made, from all strands."""
        cells = (
            cell for strand_id in self.ledger.settings.strands for cell in block_cells(self.ledger.store, strand_id)
        )
        return [block for cell in cells if (block := read_block(cell).block).statements]


class ClientSession:
    def __init__(self, service: SessionService, ledger_name: str) -> None:
        self.service = service
        started = service.send_command({"StartSession": {"LedgerName": ledger_name}})
        self.token = started["StartSession"]["SessionToken"]

    def send(self, command, **members):
        return self.service.send_command({"SessionToken": self.token, command: members})[command]

    def begin(self):
        self.transaction_id = self.send("StartTransaction")["TransactionId"]
        self.digest = ion.digest(self.transaction_id)

    def execute(self, statement, *parameters):
        digest = ion.digest(statement)
        for parameter in parameters:
            digest = dot(digest, ion.digest(parameter))
        self.digest = dot(self.digest, digest)
        holders = [{"IonBinary": ion.dumps(parameter)} for parameter in parameters]
        return self.send("ExecuteStatement", TransactionId=self.transaction_id, Statement=statement, Parameters=holders)

    def run(self, statement, *parameters):
        """Return all rows, page after page, as Ion text."""
        page = self.execute(statement, *parameters)["FirstPage"]
        rows = [*page["Values"]]
        while token := page.get("NextPageToken"):
            page = self.send("FetchPage", TransactionId=self.transaction_id, NextPageToken=token)["Page"]
            rows += page["Values"]
        return [ion.text(ion.loads(row["IonBinary"])) for row in rows]

    def commit(self):
        return self.send("CommitTransaction", TransactionId=self.transaction_id, CommitDigest=self.digest)

    def end(self):
        self.send("EndSession")
