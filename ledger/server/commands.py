"""SendCommand over HTTP: AWS JSON 1.0 to the session service and back (`qldb-session`, 2019-07-11)."""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.server import bodies
from ledger.server.errors import SerializationException
from ledger.session.service import SessionService

TARGET = "QLDBSession.SendCommand"
_Reader = Callable[[Mapping[str, Any], str], Any]


def send_command(service: SessionService, body: bytes, request_id: str) -> Mapping[str, Any]:
    """Carry out the command in `body`.

    Raises:
        ApiError: the body is malformed.
        QldbError: what the session API answers.
    """
    return service.send_command(_request(bodies.read_object(body)), request_id)


def _request(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request with its members' types checked and its blobs decoded; unknown members are left out."""
    request: dict[str, Any] = {"SessionToken": bodies.text(members, "SessionToken")}
    for name, shape in _COMMANDS.items():
        command = bodies.structure(members, name)
        if command is not None:
            request[name] = {member: read(command, member) for member, read in shape.items()}
    return request


def _parameters(members: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [_value_holder(holder) for holder in bodies.sequence(members, name) or ()]


def _value_holder(holder: Any) -> dict[str, Any]:
    if not isinstance(holder, dict):
        raise SerializationException(f"a parameter must be an object, got {type(holder).__name__}")
    members = {"IonBinary": bodies.blob(holder, "IonBinary"), "IonText": bodies.text(holder, "IonText")}
    return {name: value for name, value in members.items() if value is not None}


_COMMANDS: dict[str, dict[str, _Reader]] = {
    "StartSession": {"LedgerName": bodies.text},
    "StartTransaction": {},
    "ExecuteStatement": {"TransactionId": bodies.text, "Statement": bodies.text, "Parameters": _parameters},
    "FetchPage": {"TransactionId": bodies.text, "NextPageToken": bodies.text},
    "CommitTransaction": {"TransactionId": bodies.text, "CommitDigest": bodies.blob},
    "AbortTransaction": {},
    "EndSession": {},
}
