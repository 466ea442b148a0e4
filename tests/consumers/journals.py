"""Journals of wallets with all that can happen to an account, their streams, and what a view of them must show."""

from decimal import Decimal

from lambdas.wallet import connection
from lambdas.wallet.wallet import Wallet
from ledger.driver import driver_of
from ledger.journal.cell import read_block
from ledger.ledger import Ledger
from ledger.store import Store
from ledger.stream import Record, block_records, control_record
from tests.blocks import block_cells
from tests.wallet.ledgers import ANA, BOB, LEDGER_NAME, add, create_ledger, open_account, transfer, withdraw

STREAM_ARN = f"arn:aws:qldb:us-east-1:000000000000:stream/{LEDGER_NAME}/17CR7ArZ1AMHgHOeOk6G9C"
TABLE = "wallettable"
CLEO = "cleo@example.com"


class WalletJournal:
    """A ledger of wallets in a store."""

    def __init__(self, store: Store, *, strands: int = 4) -> None:
        create_ledger(store, strands=strands)
        self.store = store
        self.ledger = Ledger(store, LEDGER_NAME, work_in_background=False)
        self.strands = self.ledger.settings.strands
        self.driver = driver_of(self.ledger, retry_config=connection.retries())
        self.wallet = Wallet(self.driver)

    def run(self, statement, *parameters):
        return self.driver.execute_lambda(lambda txn: list(txn.execute_statement(statement, *parameters)))

    def fill(self) -> None:
        """Open, change, delete and transfer between accounts; each ends a few times below 50 and above."""
        for email in (ANA, BOB, CLEO):
            open_account(self.wallet, email, "100.00")
        for amount in ("60.00", "12.50"):
            withdraw(self.wallet, ANA, amount, key=f"key-{amount}")
            transfer(self.wallet, BOB, ANA, amount)
        add(self.wallet, BOB, "999999999.99")
        transfer(self.wallet, BOB, CLEO, "999999999.99")
        self.run(f"DELETE FROM {TABLE} WHERE email = ?", BOB)
        open_account(self.wallet, BOB, "0.01")

    def redact(self, email: str, version: int, table: str = TABLE) -> None:
        """Erase the data of an account's revision."""
        [table_id] = self.run("SELECT VALUE tableId FROM information_schema.user_tables WHERE name = ?", table)
        row = self.row(self.wallet_id(email), version)
        self.run("EXEC REDACT_REVISION ?, ?, ?", row["blockAddress"], str(table_id), str(row["metadata"]["id"]))

    def wallet_id(self, email: str) -> str:
        [found] = self.run(f"SELECT VALUE id FROM {TABLE} BY id WHERE email = ?", email)
        return str(found)

    def rows(self):
        """Read every revision of the wallets' table, as the ledger's own history tells it."""
        return self.run(f"SELECT * FROM history({TABLE})")

    def row(self, wallet: str, version: int):
        [found] = [
            row for row in self.rows() if (row["metadata"]["id"], int(row["metadata"]["version"])) == (wallet, version)
        ]
        return found

    def records(self) -> list[Record]:
        """Give all that a stream of the whole journal has, strand by strand."""
        cells = (cell for strand_id in self.strands for cell in block_cells(self.store, strand_id))
        blocks = [record for cell in cells for record in block_records(STREAM_ARN, read_block(cell))]
        return [control_record(STREAM_ARN, "CREATED"), *blocks, control_record(STREAM_ARN, "COMPLETED")]

    def expected_view(self) -> dict[tuple[str, int], dict]:
        """Fold the history into the view's items, by wallet and version."""
        return {(item["wallet"], item["version"]): item for item in map(_expected_item, self.rows())}


def _expected_item(row) -> dict:
    metadata, data = row["metadata"], row.get("data", {})
    item = {
        "wallet": str(metadata["id"]),
        "version": int(metadata["version"]),
        "hash": bytes(row["hash"]),
        "transactionId": str(metadata["txId"]),
        "transactionTime": metadata["txTime"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "blockAddress": {
            "strandId": str(row["blockAddress"]["strandId"]),
            "sequenceNo": int(row["blockAddress"]["sequenceNo"]),
        },
    }
    names = {"CurrentBalance": "currentBalance", "PreviousBalance": "previousBalance", "amount": "amount"}
    item |= {names[name]: Decimal(data[name]) for name in names if name in data}
    item |= {name: str(data[name]) for name in ("kind", "counterparty") if name in data}
    if "data" not in row:
        item["redacted" if "dataHash" in row else "deleted"] = True
    return item
