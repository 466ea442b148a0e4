"""Balance alerts: an event for each revision that takes a wallet below its threshold, once.

A revision is such a crossing if PreviousBalance >= threshold > CurrentBalance, whatever came before or after it. So the
order in which revisions come does not matter, and a changed threshold alone raises no alert.

A crossing is first noted as pending, then its event is put on the bus, then it is noted as sent; only then is the
record acknowledged. Who finds it sent has nothing to do. Who finds it pending leaves the record to a later delivery,
until the lease of the first is over, and then takes it on. So no alert is lost: whoever dies on the way leaves the
record unacknowledged, and a crossing that is not noted as sent. And each is sent once, unless somebody dies between
putting the event and noting that, or the answer is lost, or the note fails and the record comes again; then there is a
second event with the same `id` in its detail.

Crossings are remembered for longer than revisions are alerted at all. So a replay of the journal alerts nothing that
was alerted; it does judge by the thresholds of today.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.stream.alerts_table import AlertsTable, Crossing
from lambdas.stream.event_bus import EventBus
from lambdas.stream.records import RevisionDetails, StreamRecord
from lambdas.stream.transactions import Transaction
from ledger import clock
from ledger.clock import Clock


class BalanceAlerts:
    """The alerts of one table of wallets."""

    def __init__(
        self,
        table: AlertsTable,
        bus: EventBus,
        *,
        journal_table: str,
        default_threshold: Decimal | None,
        maximum_age: timedelta,
        now: Clock = clock.now,
    ) -> None:
        """Note crossings in `table` and send them to `bus`; see `AlertSettings` for the rest."""
        self._table = table
        self._bus = bus
        self._journal_table = journal_table
        self._default_threshold = default_threshold
        self._maximum_age = maximum_age
        self._now = now

    def take(self, record: StreamRecord) -> None:
        """Alert if the record is a crossing that was not alerted yet.

        Raises UnusableRevisionError, InvalidThresholdError, CrossingHeldError, EventRefusedError, and what the clients
        raise.
        """
        if not isinstance(record, RevisionDetails) or record.table_name != self._journal_table:
            return
        transaction = Transaction.of(record.revision)
        if self._now() - transaction.transaction_time > self._maximum_age:
            return
        threshold = self._crossed(transaction)
        crossing = Crossing(transaction.wallet, transaction.version)
        if threshold is not None and self._table.claim(crossing, self._now()):
            self._send(crossing, transaction, threshold)

    def _crossed(self, transaction: Transaction) -> Decimal | None:
        """Return the threshold that a transaction crosses."""
        before, after = transaction.previous_balance, transaction.current_balance
        if before is None or after is None or after >= before:
            return None
        own = self._table.threshold(transaction.wallet)
        threshold = self._default_threshold if own is None else own
        return threshold if threshold is not None and before >= threshold > after else None

    def _send(self, crossing: Crossing, transaction: Transaction, threshold: Decimal) -> None:
        try:
            self._bus.put(detail(transaction, threshold))
        except Exception:
            with suppress(ClientError, BotoCoreError):
                self._table.release(crossing)
            raise
        # Whoever dies here leaves the crossing pending, so that its event is put again. But if only the note fails, the
        # record is done with: to have it delivered again would be sure to put the event twice.
        with suppress(ClientError, BotoCoreError):
            self._table.confirm(crossing)


def detail(transaction: Transaction, threshold: Decimal) -> dict[str, Any]:
    """Return the detail of an event; `id` is the same whenever this crossing is sent."""
    return {
        "id": f"{transaction.wallet}#{transaction.version}",
        "wallet": transaction.wallet,
        "version": transaction.version,
        "balance": transaction.current_balance,
        "previousBalance": transaction.previous_balance,
        "threshold": threshold,
        "transactionId": transaction.transaction_id,
        "transactionTime": clock.write(transaction.transaction_time),
        "blockAddress": transaction.address.to_ion(),
    }
