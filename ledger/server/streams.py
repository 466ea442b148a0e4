"""Streams to Kinesis over HTTP: started, described, listed and canceled by requests, delivered by threads."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

from ledger import clock
from ledger.errors import InvalidParameterException
from ledger.ledger import Ledger
from ledger.server import bodies, names, tags
from ledger.server.attributes import Attributes
from ledger.server.call import Call, Result
from ledger.server.clients import NewClient
from ledger.server.deliveries import Deliveries
from ledger.server.journals import active_ledger
from ledger.server.names import Account
from ledger.server.paging import page, page_start
from ledger.server.registry import Registry
from ledger.stream import (
    StreamDescription,
    StreamRequest,
    cancel_stream,
    describe_stream,
    list_streams,
    start_stream,
)


class Streams:
    """The operations, each from a call to its result."""

    def __init__(self, registry: Registry, deliveries: Deliveries, account: Account, kinesis: NewClient) -> None:
        """Serve the ledgers of `registry`.

        Args:
            kinesis: gives a client for Kinesis.
        """
        self._registry = registry
        self._deliveries = deliveries
        self._account = account
        self._kinesis = kinesis

    def stream_journal(self, call: Call) -> Result:
        """StreamJournalToKinesis."""
        ledger, request = self._ledger(call), _request(call.members)
        wanted = tags.read(bodies.structure(call.members, "Tags") or {})
        stream = self._start(ledger, request)
        if wanted:
            self._tag(ledger, stream.stream_id, wanted)
        self._deliveries.deliver(ledger, stream)
        return {"StreamId": stream.stream_id}

    def describe_stream(self, call: Call) -> Result:
        """DescribeJournalKinesisStream."""
        ledger = self._ledger(call)
        stream = describe_stream(ledger.store, call.path["id"])
        self._deliveries.deliver(ledger, stream)
        return {"Stream": stream.to_api()}

    def list_streams(self, call: Call) -> Result:
        """ListJournalKinesisStreamsForLedger."""
        start = page_start(call)
        later = (stream for stream in self._streams(self._ledger(call)) if _position(stream) > start)
        return page(call, "Streams", later, StreamDescription.to_api, _position)

    def cancel_stream(self, call: Call) -> Result:
        """CancelJournalKinesisStream."""
        return {"StreamId": cancel_stream(self._ledger(call).store, call.path["id"]).stream_id}

    def _ledger(self, call: Call) -> Ledger:
        return active_ledger(self._registry, call.ledger_name)

    def _streams(self, ledger: Ledger) -> Iterator[StreamDescription]:
        for stream in list_streams(ledger.store):
            self._deliveries.deliver(ledger, stream)
            yield stream

    def _start(self, ledger: Ledger, request: StreamRequest) -> StreamDescription:
        try:
            client = self._kinesis()
            return start_stream(ledger.store, ledger.settings, request, client, arn_prefix=self._account.arn_prefix)
        except BotoCoreError as error:
            raise InvalidParameterException(
                f"QLDB encountered an error validating Kinesis Data Streams: {error}", "KinesisConfiguration"
            ) from error

    def _tag(self, ledger: Ledger, stream_id: str, wanted: tags.Tags) -> None:
        known_streams = {stream.stream_id for stream in list_streams(ledger.store)}

        def tagged(known: Attributes) -> Attributes:
            kept = {each: known.stream_tags[each] for each in known.stream_tags.keys() & known_streams}
            return known._replace(stream_tags={**kept, stream_id: wanted})

        self._registry.change(ledger.name, tagged)


def _position(stream: StreamDescription) -> str:
    return f"{clock.write(stream.created)}/{stream.stream_id}"


def _request(members: Mapping[str, Any]) -> StreamRequest:
    configuration = bodies.required(bodies.structure(members, "KinesisConfiguration"), "KinesisConfiguration")
    return StreamRequest(
        name=names.ledger_name(bodies.text(members, "StreamName"), "StreamName"),
        start=bodies.required(bodies.instant(members, "InclusiveStartTime"), "InclusiveStartTime"),
        end=bodies.instant(members, "ExclusiveEndTime"),
        kinesis_arn=names.arn(bodies.required(bodies.text(configuration, "StreamArn"), "StreamArn"), "StreamArn"),
        aggregated=bodies.boolean(configuration, "AggregationEnabled") is not False,
        role_arn=names.arn(bodies.required(bodies.text(members, "RoleArn"), "RoleArn"), "RoleArn"),
    )
