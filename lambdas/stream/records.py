"""The records of a journal stream as values, checked (QLDB guide, "QLDB stream records in Kinesis")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from lambdas.stream.errors import MalformedRecordError
from ledger import ion
from ledger.ion import IonType
from ledger.journal.block import Redaction
from ledger.journal.hashing import dot
from ledger.journal.revision import NO_DATA_HASH, BlockAddress, Metadata

_STREAM_ARN = re.compile(r"arn:[a-z-]+:qldb:[a-z0-9-]*:[0-9]*:stream/(?P<ledger>[A-Za-z0-9-]{1,32})/[A-Za-z0-9]{22}")
_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")

Fields: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision as a stream, or the committed view, shows it; its content is known to have its hash.

    `data`, a struct, is None if the document was deleted, or if the data was redacted; then `data_hash` is there.
    """

    address: BlockAddress
    hash: bytes
    metadata: Metadata
    data: Fields | None
    data_hash: bytes | None

    @property
    def is_deletion(self) -> bool:
        """Tell whether this revision ended its document."""
        return self.data is None and self.data_hash is None

    @classmethod
    def from_ion(cls, value: ion.Value) -> Revision:
        """Read `{blockAddress, hash, data | dataHash, metadata}`. Raises MalformedRecordError."""
        fields = _struct(value, "revision")
        metadata = _member(fields, "metadata", IonType.STRUCT)
        data = _member(fields, "data", IonType.STRUCT) if "data" in fields else None
        data_hash = _hash(fields, "dataHash") if "dataHash" in fields else None
        if data is not None and data_hash is not None:
            raise MalformedRecordError("revision has data and dataHash; a revision has one of them, or neither")
        content_hash = data_hash if data is None else ion.digest(data)
        revision_hash = _hash(fields, "hash")
        if revision_hash != dot(ion.digest(metadata), content_hash or NO_DATA_HASH):
            raise MalformedRecordError("revision does not have the hash that it says")
        document = None if data is None else dict(ion.fields(data))
        return cls(_address(fields), revision_hash, _metadata(metadata), document, data_hash)


@dataclass(frozen=True, slots=True)
class Control:
    """A CONTROL record: the stream was CREATED, or is COMPLETED."""

    stream_arn: str
    ledger: str
    payload: Fields


@dataclass(frozen=True, slots=True)
class BlockSummary:
    """A BLOCK_SUMMARY record. `redactions` are the revisions whose data its transaction asks to erase."""

    stream_arn: str
    ledger: str
    payload: Fields
    address: BlockAddress
    hash: bytes
    transaction_id: str
    timestamp: datetime
    redactions: tuple[Redaction, ...]


@dataclass(frozen=True, slots=True)
class RevisionDetails:
    """A REVISION_DETAILS record: a revision of a document in a user's table."""

    stream_arn: str
    ledger: str
    table_name: str
    table_id: str
    revision: Revision


StreamRecord: TypeAlias = Control | BlockSummary | RevisionDetails


def decode(data: bytes) -> StreamRecord:
    """Read a record from Ion binary. Raises MalformedRecordError, whatever the bytes are."""
    try:
        fields = _struct(ion.loads(data), "record")
    except ion.IonError:
        raise MalformedRecordError("the record is not readable as one Ion value") from None
    stream_arn = _text(fields, "qldbStreamArn")
    found = _STREAM_ARN.fullmatch(stream_arn)
    if found is None:
        raise MalformedRecordError("qldbStreamArn is not the ARN of a journal stream")
    payload = _struct(_member(fields, "payload", IonType.STRUCT), "payload")
    match _text(fields, "recordType"):
        case "CONTROL":
            return Control(stream_arn, found["ledger"], payload)
        case "BLOCK_SUMMARY":
            return _block_summary(stream_arn, found["ledger"], payload)
        case "REVISION_DETAILS":
            return _revision_details(stream_arn, found["ledger"], payload)
        case _:
            raise MalformedRecordError("recordType is none of CONTROL, BLOCK_SUMMARY and REVISION_DETAILS")


def _block_summary(stream_arn: str, ledger: str, payload: Fields) -> BlockSummary:
    info = payload.get("redactionInfo")
    redacted = [] if info is None else _member(_struct(info, "redactionInfo"), "revisions", IonType.LIST)
    return BlockSummary(
        stream_arn,
        ledger,
        payload,
        _address(payload),
        _hash(payload, "blockHash"),
        _text(payload, "transactionId"),
        _instant(payload, "blockTimestamp"),
        tuple(_redaction(_struct(each, "redactionInfo")) for each in redacted),
    )


def _revision_details(stream_arn: str, ledger: str, payload: Fields) -> RevisionDetails:
    table = _struct(_member(payload, "tableInfo", IonType.STRUCT), "tableInfo")
    name = _text(table, "tableName")
    if not _TABLE_NAME.fullmatch(name):
        raise MalformedRecordError("tableName is not the name of a table")
    revision = Revision.from_ion(_member(payload, "revision", IonType.STRUCT))
    return RevisionDetails(stream_arn, ledger, name, _text(table, "tableId"), revision)


def _redaction(fields: Fields) -> Redaction:
    return Redaction(
        _address(fields), _text(fields, "tableId"), _text(fields, "documentId"), _whole_number(fields, "version")
    )


def _metadata(value: ion.Value) -> Metadata:
    fields = dict(ion.fields(value))
    return Metadata(
        _text(fields, "id"), _whole_number(fields, "version"), _instant(fields, "txTime"), _text(fields, "txId")
    )


def _address(fields: Fields) -> BlockAddress:
    address = _struct(_member(fields, "blockAddress", IonType.STRUCT), "blockAddress")
    return BlockAddress(_text(address, "strandId"), _whole_number(address, "sequenceNo"))


def _struct(value: ion.Value, name: str) -> Fields:
    if ion.is_null(value) or ion.type_of(value) is not IonType.STRUCT:
        raise MalformedRecordError(f"{name} is not a struct")
    return dict(ion.fields(value))


def _member(fields: Fields, name: str, ion_type: IonType) -> ion.Value:
    value = fields.get(name)
    if ion.is_null(value) or ion.type_of(value) is not ion_type:
        raise MalformedRecordError(f"{name} is missing, or not of type {ion_type.name.lower()}")
    return value


def _text(fields: Fields, name: str) -> str:
    value = str(_member(fields, name, IonType.STRING))
    if not value:
        raise MalformedRecordError(f"{name} is empty")
    return value


def _whole_number(fields: Fields, name: str) -> int:
    value = int(_member(fields, name, IonType.INT))
    if not 0 <= value < 10**18:
        raise MalformedRecordError(f"{name} is not a whole number from 0 on")
    return value


def _hash(fields: Fields, name: str) -> bytes:
    value = bytes(_member(fields, name, IonType.BLOB))
    if len(value) != 32:
        raise MalformedRecordError(f"{name} is {len(value)} bytes long; a hash has 32")
    return value


def _instant(fields: Fields, name: str) -> datetime:
    value = _member(fields, name, IonType.TIMESTAMP)
    if value.tzinfo is None:
        raise MalformedRecordError(f"{name} has no offset from UTC")
    return datetime.combine(value.date(), value.time(), value.tzinfo).astimezone(UTC)
