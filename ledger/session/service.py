"""SendCommand: QLDB's session API, one command per request, for every transport.

Shapes, errors and texts are those of the API reference (`qldb-session`, 2019-07-11).
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ledger.errors import BadRequestException, InvalidSessionException, LimitExceededException
from ledger.ids import new_id
from ledger.ledger import Ledger
from ledger.session.session import Result, Seconds, Session, new_session_token, store_errors
from ledger.settings import LedgerNotFoundError

_MEMBERS = {
    "StartSession": ("LedgerName",),
    "StartTransaction": (),
    "ExecuteStatement": ("TransactionId", "Statement"),
    "FetchPage": ("TransactionId", "NextPageToken"),
    "CommitTransaction": ("TransactionId", "CommitDigest"),
    "AbortTransaction": (),
    "EndSession": (),
}


class SessionService:
    """The sessions of one process on its ledgers. Safe to use from several threads."""

    def __init__(self, open_ledger: Callable[[str], Ledger], seconds: Seconds = time.monotonic) -> None:
        """Serve the ledgers that `open_ledger` knows.

        Args:
            open_ledger: gives a ledger by name, or raises LedgerNotFoundError.
            seconds: a clock that never runs backwards.
        """
        self._open_ledger = open_ledger
        self._seconds = seconds
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def send_command(self, request: Mapping[str, Any], request_id: str | None = None) -> Result:
        """Carry out the one command in `request` and return the result in the API's shape.

        Args:
            request_id: of the transport; the session that a StartSession makes has it as its id.

        Raises:
            QldbError: what the client is to be told.
        """
        started = self._seconds()
        name, command = _only_command(request)
        if name == "StartSession":
            result = self._start_session(command["LedgerName"], request_id or new_id())
        elif name == "EndSession":
            result = self._end_session(request)
        else:
            session = self._session(request)
            with session.lock:
                result = _run(session, name, command)
        elapsed = int((self._seconds() - started) * 1000)
        return {name: {**result, "TimingInformation": {"ProcessingTimeMilliseconds": elapsed}}}

    def _start_session(self, ledger_name: str, session_id: str) -> Result:
        try:
            with store_errors():
                ledger = self._open_ledger(ledger_name)
        except LedgerNotFoundError as error:
            raise BadRequestException(f"The ledger {ledger_name} was not found: {error}") from error
        token = new_session_token()
        with self._lock:
            self._keep(lambda session: not session.has_expired)
            if sum(session.ledger_name == ledger_name for session in self._sessions.values()) >= ledger.limits.sessions:
                # With this status drivers try again, as they should: sessions end all the time.
                raise LimitExceededException("Exceeded the session limit", status=503)
            self._sessions[token] = Session(ledger, session_id, self._seconds)
        return {"SessionToken": token}

    def end_sessions(self, ledger_name: str) -> None:
        """Drop all sessions on a ledger, which is no more."""
        with self._lock:
            self._keep(lambda session: session.ledger_name != ledger_name)

    def _keep(self, wanted: Callable[[Session], bool]) -> None:
        self._sessions = {token: session for token, session in self._sessions.items() if wanted(session)}

    def _end_session(self, request: Mapping[str, Any]) -> Result:
        self._session(request)
        with self._lock:
            self._sessions.pop(request["SessionToken"], None)
        return {}

    def _session(self, request: Mapping[str, Any]) -> Session:
        token = request.get("SessionToken") or ""
        with self._lock:
            session = self._sessions.get(token)
            if session is None:
                raise InvalidSessionException("No such session")
            if session.has_expired:
                del self._sessions[token]
                raise InvalidSessionException(f"Session {session.id} has expired")
        return session


def _run(session: Session, name: str, command: Mapping[str, Any]) -> Result:
    match name:
        case "StartTransaction":
            return session.start_transaction()
        case "ExecuteStatement":
            parameters = command.get("Parameters") or ()
            return session.execute_statement(command["TransactionId"], command["Statement"], parameters)
        case "FetchPage":
            return session.fetch_page(command["TransactionId"], command["NextPageToken"])
        case "CommitTransaction":
            return session.commit_transaction(command["TransactionId"], command["CommitDigest"])
        case _:
            return session.abort_transaction()


def _only_command(request: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    commands = [(name, command) for name, command in request.items() if name != "SessionToken" and command is not None]
    if len(commands) != 1 or commands[0][0] not in _MEMBERS:
        got = ", ".join(name for name, _ in commands) or "none"
        raise BadRequestException(f"send exactly one command of {', '.join(_MEMBERS)}; got {got}")
    name, command = commands[0]
    if missing := [member for member in _MEMBERS[name] if command.get(member) is None]:
        raise BadRequestException(f"{name} needs {' and '.join(missing)}")
    return name, command
