"""Why a consumer does not take a record: it never can (poison), or not now (transient)."""

from __future__ import annotations


class ConsumerError(Exception):
    """The root of what goes wrong with a record. The message never quotes the record's data."""


class PoisonError(ConsumerError):
    """The record can never be taken as it is; it goes to the dead-letter queue, and the next one is taken."""


class MalformedRecordError(PoisonError):
    """The bytes are not a record of a journal stream, or its revision does not have its hash."""


class UnusableRevisionError(PoisonError):
    """A revision of the wallet's table is not what the wallet writes."""


class InvalidThresholdError(PoisonError):
    """The alerts' table holds a threshold that is no amount; the record can be replayed when it is put right."""


class ContradictionError(PoisonError):
    """The view holds this version of the wallet with another hash: it, or the stream, is not of this ledger."""

    def __init__(self, wallet: str, version: int) -> None:
        super().__init__(f"the view has version {version} of wallet {wallet} with another hash; rebuild the view")


class TransientError(ConsumerError):
    """The record cannot be taken now; it is to be delivered again, and those behind it too."""


class CrossingHeldError(TransientError):
    """Another delivery of the same crossing is being sent, or was when it died."""


class EventRefusedError(TransientError):
    """EventBridge did not take the event."""
