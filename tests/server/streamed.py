"""A ledger behind a server, and the stream of its journal."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from pyqldb.driver.qldb_driver import QldbDriver

from ledger import ion
from tests.server.kinesis import DataStream, of_kind, summaries

LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
ROLE = "arn:aws:iam::000000000000:role/streams"


class Journal(NamedTuple):
    """A ledger whose journal goes to a data stream."""

    qldb: Any
    name: str
    driver: QldbDriver
    target: DataStream

    def start(self, *, aggregated=True, **members):
        """Start a stream and return its id."""
        configuration = {"StreamArn": self.target.arn, "AggregationEnabled": aggregated}
        wanted = {"StreamName": "audit", "RoleArn": ROLE, "InclusiveStartTime": LONG_AGO, **members}
        wanted = {"KinesisConfiguration": configuration, **wanted}
        return self.qldb.stream_journal_to_kinesis(LedgerName=self.name, **wanted)["StreamId"]

    def describe(self, stream_id):
        return self.qldb.describe_journal_kinesis_stream(LedgerName=self.name, StreamId=stream_id)["Stream"]

    def list(self, **page):
        return self.qldb.list_journal_kinesis_streams_for_ledger(LedgerName=self.name, **page)

    def cancel(self, stream_id):
        return self.qldb.cancel_journal_kinesis_stream(LedgerName=self.name, StreamId=stream_id)["StreamId"]

    def cancel_all(self):
        """Leave no work to the server."""
        for stream in self.list()["Streams"]:
            if stream["Status"] in {"ACTIVE", "IMPAIRED"}:
                self.cancel(stream["StreamId"])

    def run(self, statement, *parameters):
        return self.driver.execute_lambda(lambda txn: list(txn.execute_statement(statement, *parameters)))

    def fill(self, documents):
        """Make the table T and documents in it: two in one block, one of them updated and one deleted."""
        self.run("CREATE TABLE T")
        self.run("INSERT INTO T << {'n': -1}, {'n': -2} >>")
        for number in range(documents):
            self.run("INSERT INTO T ?", {"n": number})
        self.run("UPDATE T SET seen = true WHERE n = -1")
        self.run("DELETE FROM T WHERE n = -2")

    def tips(self):
        """The address of each strand's newest block."""
        tips = ion.parse(self.qldb.get_digest(Name=self.name)["DigestTipAddress"]["IonText"])
        return {(str(tip["strandId"]), int(tip["sequenceNo"])) for tip in (tips if isinstance(tips, list) else [tips])}

    def block(self, address):
        text = f'{{strandId:"{address[0]}",sequenceNo:{address[1]}}}'
        return ion.parse(self.qldb.get_block(Name=self.name, BlockAddress={"IonText": text})["Block"]["IonText"])


def check_against_ledger(journal, records):
    """Every block of the ledger is in the records, and they hold exactly what GetBlock shows."""
    found = summaries(records)
    for strand_id, last in journal.tips():
        assert {number for strand, number in found if strand == strand_id} == set(range(last + 1))
    revisions = [payload["revision"] for payload in of_kind(records, "REVISION_DETAILS")]
    for address, summary in found.items():
        block, shown = dict(ion.fields(journal.block(address))), dict(ion.fields(summary))
        whole, hashes = block.pop("revisions", []), shown.pop("revisionSummaries")
        assert ion.digest(ion.struct(shown.items())) == ion.digest(ion.struct(block.items()))
        assert [bytes(each["hash"]) for each in hashes] == [bytes(each["hash"]) for each in whole]
        details = [each for each in revisions if each["blockAddress"] == summary["blockAddress"]]
        assert {ion.digest(each) for each in details} == {ion.digest(each) for each in whole if "metadata" in each}
