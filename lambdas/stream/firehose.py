"""Transforming the records of a Firehose stream that reads the journal's Kinesis stream.

Firehose itself splits aggregates before it transforms (Data Firehose guide, "Use the KPL with Amazon Data Firehose").
One that comes all the same, put into Firehose by hand, is split here if what it becomes can stay together.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger

from lambdas.stream.aggregation import user_records
from lambdas.stream.errors import PoisonError
from lambdas.stream.records import StreamRecord, decode

logger = Logger()

MOST_ANSWERED = 5_500_000
"""Bytes of data in an answer. Lambda takes 6 MB in all; what is over goes to the error prefix, not the whole batch."""


class Source(NamedTuple):
    """A record as it came: its bytes, and when Firehose or Kinesis got it."""

    data: bytes
    arrived: datetime


class Document(NamedTuple):
    """What a record becomes: one line of JSON, and the partition that it belongs to if there are any."""

    line: str
    partition: Mapping[str, str]


class Transformation:
    """A Lambda handler of Firehose's transformation events.

    A record is answered with its documents; as Dropped if it has none; and as ProcessingFailed, with which Firehose
    keeps it as it came under the error prefix, if it is no record of a journal stream, or cannot be one of the
    destination's.
    """

    def __init__(
        self, name: str, document: Callable[[StreamRecord, Source], Document | None], *, most_documents: int
    ) -> None:
        """Make of each record what `document` makes of it; the destination takes `most_documents` in one record."""
        self._name = name
        self._document = document
        self._most_documents = most_documents

    def __call__(self, event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
        """Answer each record of a batch, under its id."""
        room, answers = MOST_ANSWERED, []
        for record in event["records"]:
            answer = self._answer(record)
            if len(answer["data"]) > room:
                answer = _failed(self._name, "too much data in one batch")
            room -= len(answer["data"])
            answers.append({"recordId": record["recordId"], **answer})
        failed = sum(answer["result"] == "ProcessingFailed" for answer in answers)
        logger.info("batch transformed", consumer=self._name, records=len(answers), failed=failed)
        return {"records": answers}

    def _answer(self, record: Mapping[str, Any]) -> dict[str, Any]:
        try:
            documents = [each for source in _sources(record) if (each := self._document(decode(source.data), source))]
        except PoisonError as error:
            return _failed(self._name, type(error).__name__)
        if not documents:
            return {"result": "Dropped", "data": ""}
        partition = documents[0].partition
        if len(documents) > self._most_documents or any(each.partition != partition for each in documents):
            return _failed(self._name, "an aggregate of records that do not belong together")
        data = b64encode("".join(f"{each.line}\n" for each in documents).encode()).decode()
        metadata = {"metadata": {"partitionKeys": dict(partition)}} if partition else {}
        return {"result": "Ok", "data": data, **metadata}


def _failed(name: str, reason: str) -> dict[str, Any]:
    logger.warning("record not transformed", consumer=name, reason=reason)
    return {"result": "ProcessingFailed", "data": ""}


def _sources(record: Mapping[str, Any]) -> Iterator[Source]:
    data = b64decode(record["data"])
    arrived = datetime.fromtimestamp(record["approximateArrivalTimestamp"] / 1000, UTC)
    parts = user_records(data)
    if parts is None:
        yield Source(data, arrived)
        return
    for _, part in parts:
        yield Source(part, arrived)
