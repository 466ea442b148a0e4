"""Receipts: what a call that changed accounts answers with if it is asked to, so that its caller can prove it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aws_lambda_powertools import Logger

from lambdas import gateway
from lambdas.errors import BadInputError
from lambdas.gateway import Answer
from lambdas.wallet.rule import Rule
from ledger.control.receipt import receipt, receipt_at
from ledger.journal.revision import BlockAddress
from ledger.ledger import Ledger
from ledger.store import Throttled, Unavailable

logger = Logger(child=True)

PARAMETER = "receipt"


def is_asked_for(event: gateway.Event) -> bool:
    """Read the query parameter `receipt`, true or false; by default false. Raises BadInputError."""
    value = gateway.query_parameter(event, PARAMETER)
    return False if value is None else RECEIPT.check(value, PARAMETER)


def _asked(value: Any, field: str) -> bool:
    if not isinstance(value, str) or value not in {"true", "false"}:
        raise BadInputError(f"{field} must be true or false; send {field}=true, or leave it out", field=field)
    return value == "true"


RECEIPT = Rule(
    _asked,
    {
        "type": "string",
        "enum": ["true", "false"],
        "default": "false",
        "description": "Whether the answer is to have the receipt of the transaction; a transfer has one on each side",
    },
)


@dataclass(frozen=True, slots=True)
class Written:
    """A revision that a call wrote: by its transaction, or if an earlier copy of the call did, by its block.

    `side` is the field of the answer that tells of its account; None stands for the answer itself.
    """

    side: str | None
    document_id: str
    place: str | BlockAddress


@dataclass(frozen=True, slots=True)
class Done:
    """What a call comes to: its answer, and what was written with it."""

    answer: Answer
    written: tuple[Written, ...] = ()


class Receipts:
    """The receipts of one ledger. A receipt costs reading its block, and unless that is known, where it is."""

    def __init__(self, ledger: Ledger) -> None:
        """Take the ledger that the calls commit to."""
        self._ledger = ledger

    def added_to(self, done: Done) -> Answer:
        """Give the answer with the receipt of each revision that was written."""
        fields = done.answer.fields
        for written in done.written:
            fields = _with(fields, written.side, self._of(written))
        return replace(done.answer, fields=fields)

    def _of(self, written: Written) -> dict[str, Any] | None:
        # The money has moved: that a receipt cannot be read just now must not look as if it had not.
        try:
            if isinstance(written.place, BlockAddress):
                return receipt_at(self._ledger, written.document_id, written.place)
            return receipt(self._ledger, written.document_id, written.place)
        except (Throttled, Unavailable) as error:
            logger.warning("the receipt was not read; the call can be repeated for it", error=type(error).__name__)
            return None


def _with(fields: Mapping[str, Any], side: str | None, given: dict[str, Any] | None) -> dict[str, Any]:
    return {**fields, PARAMETER: given} if side is None else {**fields, side: {**fields[side], PARAMETER: given}}
