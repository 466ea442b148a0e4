"""A client of QLDB's session API that holds a transaction open for as long as a person types.

The official driver runs a function again from its start after a conflict. That is right for programs, and wrong here:
rows would be printed twice, and nobody types a transaction twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias

from ledger import ion
from ledger.errors import InvalidSessionException, QldbError
from ledger.ion import Value
from ledger.journal.hashing import dot

SendCommand: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Cost(NamedTuple):
    """What the ledger says that commands took."""

    read_ios: int = 0
    write_ios: int = 0
    milliseconds: int = 0

    def plus(self, result: Mapping[str, Any]) -> "Cost":
        """Return this cost and that of one more command."""
        usage, timing = result.get("ConsumedIOs") or {}, result.get("TimingInformation") or {}
        return Cost(
            self.read_ios + usage.get("ReadIOs", 0),
            self.write_ios + usage.get("WriteIOs", 0),
            self.milliseconds + timing.get("ProcessingTimeMilliseconds", 0),
        )


class Result:
    """The rows of a statement, fetched page by page while its transaction is open.

    Attributes:
        cost: of what has been fetched so far.
    """

    def __init__(self, first: Mapping[str, Any], fetch: Callable[[str], Mapping[str, Any]]) -> None:
        self._page = first["FirstPage"]
        self._fetch = fetch
        self.cost = Cost().plus(first)

    @property
    def is_whole(self) -> bool:
        """Tell whether no page is left to fetch."""
        return not self._page.get("NextPageToken")

    def pages(self) -> Iterator[list[Value]]:
        """Give the rows, a page at a time; only one page is ever held."""
        while True:
            yield [ion.loads(holder["IonBinary"]) for holder in self._page["Values"]]
            if self.is_whole:
                return
            fetched = self._fetch(self._page["NextPageToken"])
            self.cost = self.cost.plus(fetched)
            self._page = fetched["Page"]


class Transaction:
    """An open transaction with its commit digest (QLDB guide, "Driver"; spelled out by the official drivers)."""

    def __init__(self, send: Callable[..., Mapping[str, Any]]) -> None:
        self._send = send
        self.id: str = send("StartTransaction")["TransactionId"]
        self.started = time.monotonic()
        self._digest = ion.digest(self.id)

    def execute(self, statement: str, parameters: Sequence[Value] = ()) -> Result:
        """Run a statement.

        Raises:
            QldbError: it failed; the transaction goes on unless the error is an InvalidSessionException.
        """
        digest = ion.digest(statement)
        for parameter in parameters:
            digest = dot(digest, ion.digest(parameter))
        self._digest = dot(self._digest, digest)
        holders = [{"IonBinary": ion.dumps(parameter)} for parameter in parameters]
        first = self._send("ExecuteStatement", TransactionId=self.id, Statement=statement, Parameters=holders)
        return Result(first, self._fetch)

    def commit(self) -> Mapping[str, Any]:
        """Commit, and return what SendCommand says of it."""
        return self._send("CommitTransaction", TransactionId=self.id, CommitDigest=self._digest)

    def _fetch(self, token: str) -> Mapping[str, Any]:
        return self._send("FetchPage", TransactionId=self.id, NextPageToken=token)


class Client:
    """One session at a time on one ledger, made anew when it is gone."""

    def __init__(self, send_command: SendCommand, ledger_name: str) -> None:
        self._send_command = send_command
        self._ledger_name = ledger_name
        self._token: str | None = None

    def begin(self) -> Transaction:
        """Open a transaction; the one before it MUST have been committed, or dropped by `reset`.

        Raises:
            QldbError: there is no such ledger, or it refuses this client.
        """
        if self._token is not None:
            # The ledger drops a session after some minutes, whatever it is used for: take another one.
            with suppress(InvalidSessionException):
                return Transaction(self._send)
        started = self._send_command({"StartSession": {"LedgerName": self._ledger_name}})
        self._token = started["StartSession"]["SessionToken"]
        return Transaction(self._send)

    def reset(self) -> None:
        """End the session, and with it whatever is open in it; never fails."""
        if self._token is not None:
            try:
                with suppress(QldbError):
                    self._send("EndSession")
            finally:
                self._token = None

    def _send(self, command: str, **members: Any) -> Mapping[str, Any]:
        result: Mapping[str, Any] = self._send_command({"SessionToken": self._token, command: members})[command]
        return result
