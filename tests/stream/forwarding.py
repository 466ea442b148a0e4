"""A stream of a journal into a Kinesis in memory, run by hand, and what must hold of the records that arrived."""

from datetime import timedelta

from ledger.store.dynamodb_calls import Patience
from ledger.stream import StreamRequest, ensure_stream
from ledger.stream.forwarder import forward
from ledger.stream.job import load_job
from ledger.stream.kinesis import KinesisPublisher
from tests.store.scripted import Clock
from tests.stream.kinesis import KINESIS_ARN, Killed, Kinesis

ARN_PREFIX = "arn:aws:qldb:us-east-1:000000000000"
MINUTE = timedelta(minutes=1)


class KillingStore:
    """Ends the process with the n-th call: just before it, or if it is a commit, just after it if asked to."""

    def __init__(self, store, at, *, after=False):
        self._store, self.at, self._after = store, at, after

    def get(self, keys):
        self._count()
        return self._store.get(keys)

    def scan(self, partition, **options):
        self._count()
        return self._store.scan(partition, **options)

    def commit(self, writes, expected):
        if not self._after:
            self._count()
        self._store.commit(writes, expected)
        if self._after:
            self._count()

    def _count(self):
        self.at -= 1
        if self.at == 0:
            raise Killed


class Streamed:
    """A stream of `journal`, from its creation on unless told otherwise; time stands still unless it is moved."""

    def __init__(self, journal, kinesis=None, *, aggregated=False, **request):
        self.journal, self.store = journal, journal.store
        self.kinesis = kinesis or Kinesis(shards=2)
        self.now = journal.settings.created + timedelta(hours=1)
        asked = StreamRequest("s", journal.settings.created, KINESIS_ARN, aggregated=aggregated)._replace(**request)
        self.started = ensure_stream(self.store, journal.settings, asked, arn_prefix=ARN_PREFIX, now=self.clock)

    def clock(self):
        return self.now

    def run(self, *, store=None, minutes=5):
        """Wake a forwarder of its own up."""
        waits = Clock()
        patience = Patience(lost_seconds=15.0, sleep=waits.sleep, now=waits.now)
        aggregated = self.started.request.aggregated
        publisher = KinesisPublisher(self.kinesis, KINESIS_ARN, aggregated=aggregated, patience=patience)
        until = self.now + minutes * MINUTE
        known = self.journal.settings
        return forward(store or self.store, known, self.started.stream_id, publisher, until=until, clock=self.clock)

    def job(self):
        return load_job(self.store, self.started.stream_id)[0]

    @property
    def status(self):
        return self.job().description.status


def payloads(kinesis, record_type):
    """What arrived of a type, each only where it appeared first."""
    found = {}
    for each in kinesis.arrived():
        if each.value["recordType"] == record_type:
            payload = each.value["payload"]
            found.setdefault(_name(record_type, payload), payload)
    return list(found.values())


def check_stream(kinesis, blocks):
    """Check that all blocks and nothing else arrived: each strand and each document in order, hash for hash."""
    arrived = kinesis.arrived()
    assert arrived[0].value["payload"] == {"controlRecordType": "CREATED"}
    expected = {stored.block.address: stored for stored in blocks}
    summaries = payloads(kinesis, "BLOCK_SUMMARY")
    assert _sorted_addresses(summaries) == sorted(expected)
    _check_steps((payload["blockAddress"]["strandId"], payload["blockAddress"]["sequenceNo"]) for payload in summaries)
    for payload in summaries:
        assert payload["blockHash"] == expected[_address(payload)].hash
    details = [payload["revision"] for payload in payloads(kinesis, "REVISION_DETAILS")]
    _check_steps((revision["metadata"]["id"], revision["metadata"]["version"]) for revision in details)
    wanted = {
        (revision.metadata.id, revision.metadata.version): revision.hash
        for stored in blocks
        for revision in stored.block.revisions
        if revision.table_id is not None
    }
    assert {(each["metadata"]["id"], each["metadata"]["version"]): each["hash"] for each in details} == wanted


def _check_steps(steps):
    """Check that each name's numbers go up one by one, from wherever they begin."""
    last = {}
    for name, number in steps:
        assert number == last.get(name, number - 1) + 1
        last[name] = number


def _name(record_type, payload):
    match record_type:
        case "BLOCK_SUMMARY":
            return _address(payload)
        case "REVISION_DETAILS":
            return (payload["revision"]["metadata"]["id"], payload["revision"]["metadata"]["version"])
        case _:
            return payload["controlRecordType"]


def _address(payload):
    return (payload["blockAddress"]["strandId"], payload["blockAddress"]["sequenceNo"])


def _sorted_addresses(summaries):
    return sorted(map(_address, summaries))
