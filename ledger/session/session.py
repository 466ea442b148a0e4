"""A session: at most one open transaction, its commit digest, its pages (QLDB guide, "Sessions", "Driver errors")."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from ledger import ion
from ledger.errors import BadRequestException, InvalidSessionException, RateExceededException
from ledger.ids import new_id
from ledger.journal.hashing import dot
from ledger.ledger import Ledger
from ledger.limits import Limits
from ledger.partiql import PartiQLError, compile_statement
from ledger.session.pages import Pages
from ledger.store.base import Throttled, Unavailable

Seconds: TypeAlias = Callable[[], float]
Result: TypeAlias = dict[str, Any]


class OpenTransaction:
    """A transaction of a session, with what only the session knows of it."""

    def __init__(self, ledger: Ledger, started: float) -> None:
        self.transaction = ledger.begin()
        self.id = self.transaction.transaction_id
        self.started = started
        self.pages = Pages(ledger.limits)
        self.digest = ion.digest(self.id)


class Session:
    """One client's session on a ledger. Two commands at once are not for it: the caller MUST hold `lock` for each.

    Attributes:
        lock: a driver that reads pages ahead sends its next statement meanwhile; one waits for the other.
    """

    def __init__(self, ledger: Ledger, session_id: str, seconds: Seconds = time.monotonic) -> None:
        self.id = session_id
        self.ledger_name = ledger.name
        self.lock = threading.Lock()
        self._ledger = ledger
        self._seconds = seconds
        self._started = seconds()
        self._open: OpenTransaction | None = None

    @property
    def has_expired(self) -> bool:
        """Tell whether the session is past its life time."""
        return self._seconds() - self._started > self._ledger.limits.session_seconds

    def start_transaction(self) -> Result:
        """Open a transaction.

        Raises:
            BadRequestException: one is open already.
        """
        if self._open is not None:
            raise BadRequestException("Transaction already open")
        with store_errors():
            self._open = OpenTransaction(self._ledger, self._seconds())
        return {"TransactionId": self._open.id}

    def execute_statement(
        self, transaction_id: str, statement: str, parameters: Sequence[Mapping[str, Any]] = ()
    ) -> Result:
        """Run one statement and return its first page. If it fails, it has changed nothing and the transaction goes on.

        Args:
            parameters: as the client sent them, `{"IonBinary": bytes}` or `{"IonText": str}` each.
        """
        opened = self._require(transaction_id)
        limit = self._ledger.limits.statement_characters
        if not 0 < len(statement) <= limit:
            raise BadRequestException(f"the statement has {len(statement)} characters, send 1 to {limit}")
        values = [_parameter(holder, self._ledger.limits) for holder in parameters]
        digest = ion.digest(statement)
        for value in values:
            digest = dot(digest, ion.digest(value))
        opened.digest = dot(opened.digest, digest)
        encoded = {
            id(value): holder["IonBinary"]
            for value, holder in zip(values, parameters, strict=True)
            if "IonBinary" in holder
        }
        opened.transaction.start_statement(statement, self._ledger.clock(), digest, encoded)
        with self._usage() as usage, _rolled_back(opened), _statement_errors():
            compiled = compile_statement(statement, extensions=self._ledger.extensions)
            page = opened.pages.first(compiled.execute(opened.transaction, values))
        return {"FirstPage": page.to_response(), "ConsumedIOs": usage}

    def fetch_page(self, transaction_id: str, token: str) -> Result:
        """Return the page that `token` names."""
        opened = self._require(transaction_id)
        with self._usage() as usage, _statement_errors():
            page = opened.pages.next(token)
        if page is None:
            raise BadRequestException("the page token is unknown or was used before: run the statement again")
        return {"Page": page.to_response(), "ConsumedIOs": usage}

    def commit_transaction(self, transaction_id: str, commit_digest: bytes) -> Result:
        """Commit. Whatever happens, the transaction is closed afterwards, unless the digest does not match."""
        opened = self._require(transaction_id)
        if commit_digest != opened.digest:
            raise BadRequestException("the commit digest does not match the transaction's statements: abort and retry")
        self._open = None
        with self._usage() as usage, store_errors():
            self._ledger.commit(opened.transaction)
        return {"TransactionId": opened.id, "CommitDigest": commit_digest, "ConsumedIOs": usage}

    def abort_transaction(self) -> Result:
        """Drop the open transaction."""
        if self._open is None:
            raise BadRequestException("No open transaction")
        self._open = None
        return {}

    def _require(self, transaction_id: str) -> OpenTransaction:
        opened = self._open
        if opened is None:
            raise BadRequestException("No open transaction")
        if opened.id != transaction_id:
            raise BadRequestException(f"No open transaction {transaction_id}")
        if self._seconds() - opened.started > self._ledger.limits.transaction_seconds:
            self._open = None
            raise InvalidSessionException(f"Transaction {transaction_id} has expired")
        return opened

    @contextmanager
    def _usage(self) -> Iterator[dict[str, int]]:
        store, usage = self._ledger.store, {"ReadIOs": 0, "WriteIOs": 0}
        reads, writes = store.reads, store.writes
        yield usage
        usage |= {"ReadIOs": store.reads - reads, "WriteIOs": store.writes - writes}


@contextmanager
def _rolled_back(opened: OpenTransaction) -> Iterator[None]:
    savepoint = opened.transaction.savepoint()
    try:
        yield
    except Exception:
        opened.transaction.roll_back_to(savepoint)
        raise


@contextmanager
def _statement_errors() -> Iterator[None]:
    with store_errors():
        try:
            yield
        except PartiQLError as error:
            raise BadRequestException(error.message, error.code) from error
        except ion.IonError as error:
            raise BadRequestException(f"a value is {error}") from error


@contextmanager
def store_errors() -> Iterator[None]:
    """Tell a client to try again when the store is too busy or away."""
    try:
        yield
    except (Throttled, Unavailable) as error:
        raise RateExceededException("Rate exceeded") from error


def _parameter(holder: Mapping[str, Any], limits: Limits) -> ion.Value:
    try:
        if "IonBinary" in holder:
            _check_length(len(holder["IonBinary"]), limits.document_bytes, "bytes")
            return ion.loads(holder["IonBinary"])
        _check_length(len(holder["IonText"]), limits.parameter_characters, "characters")
        return ion.parse(holder["IonText"])
    except ion.IonError as error:
        raise BadRequestException(f"a parameter is {error}") from error
    except KeyError:
        raise BadRequestException("a parameter needs IonBinary or IonText") from None


def _check_length(length: int, limit: int, unit: str) -> None:
    if length > limit:
        raise BadRequestException(f"a parameter has {length} {unit}, send at most {limit}")


def new_session_token() -> str:
    """Return a token that nobody can guess."""
    return new_id() + new_id()
